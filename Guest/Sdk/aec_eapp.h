/* The library in an eapp: setup through the enclave's runtime. */
#ifndef AEC_EAPP_H
#define AEC_EAPP_H

#include "aec.h"

/* Attaches to the region that the host set up, with private memory of the caller's. */
int aec_eapp_setup(struct aec *e, enum aec_backend backend, const struct aec_limits *limits, void *memory, size_t memory_len);

/* Serves a table of whole pages (64 rows each) and seals it: read-only from then on, for the eapp as well. */
int aec_eapp_register(struct aec *e, const struct aec_entry *table, uint32_t entries);

/* Serves ECALLs that come the synchronous way: asks the host for the next one with an OCALL, until it has no more. */
void aec_eapp_serve_sync(struct aec *e);

#endif
