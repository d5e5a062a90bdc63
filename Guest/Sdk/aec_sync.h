/* The synchronous way, over Keystone's shared buffer: how functions of a table are called by an OCALL, and how a host
 * calls an enclave that can only ask. The low half of an OCALL's id, from AEC_SYNC_BASE on, is a function of the host's
 * table; the high half is the bytes of result that the caller can take. */
#ifndef AEC_SYNC_H
#define AEC_SYNC_H

#include <stdint.h>

#define AEC_SYNC_BASE 0x100u
#define AEC_SYNC_NEXT 0xffu /* the enclave gives its last answer and gets the next request, or waits to be told to stop */
#define AEC_SYNC_TURN 0xfeu /* the enclave waits, and the host's only thread runs it: serve what is in the rings, then resume */

/* In front of what an OCALL returns. */
struct aec_sync_reply {
  int32_t status;
  uint32_t ret_len;
  uint64_t ret_val;
};

/* In front of what AEC_SYNC_NEXT returns. */
struct aec_sync_request {
  uint32_t stop;
  uint32_t func;
  uint32_t arg_len;
  uint32_t ret_cap;
};

/* Bytes of argument or result that go this way. */
#define AEC_SYNC_MAX 0x10000u

#endif
