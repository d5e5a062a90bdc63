/* An asynchronous OCALL in an enclave: ask the host, go on working, look at the answer when it is there. */
#include "aec_eapp.h"
#include "eapp.h"

enum { HOST_SHOUT };
static uint64_t memory[(1 << 19) / 8]; /* private: what the host can write is never believed */

long eapp_main(void) {
  struct aec e;
  if (aec_eapp_setup(&e, AEC_ASYNC_POLL, NULL, memory, sizeof memory)) return 1;

  char answer[64];
  const char text[] = "hello from the enclave, without a trap";
  struct aec_submission call = {.func = HOST_SHOUT, .arg = text, .arg_len = sizeof text, .ret = answer, .ret_cap = sizeof answer};
  aec_ticket ticket;
  if (aec_submit(&e.tx[0], &call, &ticket)) return 2;

  long work = 0;
  struct aec_result result;
  while (aec_take(&e.tx[0], ticket, &result) == AEC_E_AGAIN) {
    work++; /* whatever there is to do meanwhile */
    aec_poll(&e.tx[0]);
  }
  if (result.status != AEC_OK) return 3;
  print(answer);
  return work >= 0 ? 42 : 0;
}
