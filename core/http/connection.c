/* connection: the connection that a thread of CivetWeb serves. */
#include "server.h"

#include <civetweb.h>

struct connection *server_connection(const struct mg_connection *wire)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    if (!worker->connection)
        worker->connection = gate_find(server->gate, mg_get_request_info(wire)->remote_port);
    return worker->connection;
}
