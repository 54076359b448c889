/* notify: reports the state of the server to the supervisor.
 *
 * systemd names a datagram socket in $NOTIFY_SOCKET (sd_notify(3)): a path, or an abstract name
 * after "@". Without the variable, nothing is sent. */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

void notify(const char *state); /* "READY=1", "STOPPING=1" */

#endif
