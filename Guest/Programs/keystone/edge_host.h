/* The host functions that the eapps of this folder call. */
#ifndef EDGE_HOST_H
#define EDGE_HOST_H

#include "enclave.h"

enum { MAX_ARGUMENTS = 16 };

struct host_services {
  const char *string; /* CALL_GET_STRING, CALL_GET_WRAPPED */
  uint64_t arguments[MAX_ARGUMENTS];
  unsigned argument_count;
};

/* Serves the one call that waits in the shared buffer; `services` is a struct host_services. */
serve_edge_call serve_host_call;

#endif
