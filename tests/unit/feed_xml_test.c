/* xml of the plugin feed: any text becomes text of XML 1.0. */
#include "../../plugins/feed/feed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants those before it */
#include <cmocka.h>

static char memory[4096], written[4096];

static void *give(struct ouse_ctx *ctx, size_t n)
{
    (void)ctx;
    assert_true(n <= sizeof memory);
    return memset(memory, 0, n);
}

static struct ouse_str format(struct ouse_ctx *ctx, const char *text, va_list args)
{
    static char made[4096];
    (void)ctx;
    return (struct ouse_str){made, (uint32_t)vsnprintf(made, sizeof made, text, args)};
}

static void append(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    (void)ctx;
    strncat(written, bytes.p, bytes.n);
}

static const struct ouse_host host = {.alloc = give, .vformat = format, .write = append};
static struct ouse_ctx ctx = {.host = &host};

static void texts_are_escaped(void **state)
{
    static const struct {
        const char *text, *xml;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"},
        {"&amp;]]>", "&amp;amp;]]&gt;"},
        {"tab\tline\n", "tab\tline\n"},
        {"\r\n", "&#13;\n"},
        {"a\x01"
         "b\x1f",
         "a\xef\xbf\xbd"
         "b\xef\xbf\xbd"},
        {"\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd"}, /* U+FFFE, U+FFFF */
        {"\xef\xbf\xbd\xef\xbb\xbf", "\xef\xbf\xbd\xef\xbb\xbf"}, /* U+FFFD, U+FEFF */
        {"\xe2\x80\xaeverkehrt \xf0\x9f\x8e\x89", "\xe2\x80\xaeverkehrt \xf0\x9f\x8e\x89"},
        {"\xef", "\xef"}, /* a text that ends early is read no further */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_str xml = xml_escape(&ctx, ouse_s(cases[i].text));
        assert_int_equal(xml.n, strlen(cases[i].xml));
        assert_memory_equal(xml.p, cases[i].xml, xml.n);
    }
}

static void an_element_has_its_text(void **state)
{
    (void)state;
    xml_element(&ctx, "title", ouse_s("R&D"));
    xml_element(&ctx, "rights", ouse_s(""));
    assert_string_equal(written, "<title>R&amp;D</title>\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(an_element_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
