/* svg: the words of which charts are written. */
#ifndef SITE_SVG_H
#define SITE_SVG_H

#include "chart.h"

#if defined(__GNUC__)
#define SVG_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define SVG_PRINTF
#endif

/* A number in SVG: two decimals, no exponent, in any locale; struct svg_number only holds the text. */
struct svg_number {
    char text[32];
};
struct svg_number svg_number(double value);

/* Writes markup of the program; at most 500 bytes at a time. Texts go through svg_text. */
SVG_PRINTF void svg_put(struct chart_sink *sink, const char *format, ...);

/* Writes a text: escapes markup and quotes; control characters and invalid UTF-8 become U+FFFD. */
void svg_text(struct chart_sink *sink, struct ouse_str text);

/* The same, cut to about `most` characters, with an ellipsis. */
void svg_cut(struct chart_sink *sink, struct ouse_str text, uint32_t most);

/* Takes a line of at most `most` characters off the beginning of a text: as many words as there is
 * room for, and all of it where it fits; a word that is longer than a line stays whole. */
struct ouse_str svg_line(struct ouse_str *text, uint32_t most);

/* Writes <svg …> with title and description. `width` is "100%", or the target of scaled inner
 * units: then `across` is the number of these (a viewBox), else 0. */
void svg_begin(struct chart_sink *sink, const struct chart *chart, const char *width, double height,
               uint32_t across);
void svg_end(struct chart_sink *sink);

/* Writes <a …> if there is an address, else <g>; with a title that describes everything. */
void svg_open(struct chart_sink *sink, struct ouse_str href, struct ouse_str label, struct ouse_str more);
void svg_close(struct chart_sink *sink, struct ouse_str href);

/* The class, fill and stroke of a series or group. */
void svg_paint(struct chart_sink *sink, const struct chart *chart, uint32_t series);

/* The patterns that svg_paint fills with. */
void svg_patterns(struct chart_sink *sink, const struct chart *chart, uint32_t n);

#endif
