/* notify: tells the one who started the server how it is, if he wants to know.
 *
 * systemd names a datagram socket in $NOTIFY_SOCKET (sd_notify(3)): a path, or with
 * "@" in front an abstract name. Without the variable nothing happens.
 */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

void notify(const char *state); /* "READY=1", "STOPPING=1" */

#endif
