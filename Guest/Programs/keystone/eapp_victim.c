/* The enclave that host-breach attacks: does what the host's --arg 0 says (victim.h). */
#include "aec_abi.h"
#include "eapp.h"
#include "supervisor.h"
#include "victim.h"

static uint64_t buffer[REPORT_BUFFER / 8];

static void fill(size_t bytes) {
  for (size_t i = 0; i < bytes / 8; i++) buffer[i] = VICTIM_SECRET;
}

/* Compiled code may not know the result beforehand. */
static long divide(void) {
  volatile double one = 1.0, three = 3.0;
  union {
    double value;
    long bits;
  } quotient = {.value = one / three};
  return quotient.bits;
}

static long hold_float(void) {
  register long a0 __asm__("a0") = CALL_NULL;
  register long a1 __asm__("a1") = 0;
  register long a2 __asm__("a2") = 0;
  register long a3 __asm__("a3") = 0;
  register long a4 __asm__("a4") = 0;
  register long a7 __asm__("a7") = EAPP_OCALL;
  __asm__ volatile("fmv.d.x fs2, %1\n\tecall"
                   : "+r"(a0)
                   : "r"(VICTIM_SECRET), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7)
                   : "fs2", "memory");
  return a0;
}

static long attest(const void *data, size_t size) {
  return eapp_call(EAPP_ATTEST, (long)buffer, (long)data, (long)size, 0, 0);
}

static const uint32_t code[] = {0x02a00513, 0x00008067}; /* li a0, VICTIM_CODE_RESULT; ret */

/* Leaves something at the beginning of its half of the rings. */
static long share(const void *what, size_t size) {
  struct aec_attachment region;
  long error = eapp_call(AEC_EYRIE_SETUP, (long)&region, 0, 0, 0, 0);
  if (error) return error;
  uint8_t *own = (uint8_t *)(region.base + region.len / 2 + AEC_PAGE);
  for (size_t i = 0; i < size; i++) own[i] = ((const uint8_t *)what)[i];
  return ocall(CALL_NULL, NULL, 0, NULL, 0);
}

long eapp_main(void) {
  static const char nonce[] = "nonce";
  switch (argument(0, 0)) {
    case VICTIM_DIVIDE: return divide();
    case VICTIM_HOLD_FLOAT: return hold_float();
    case VICTIM_SEND: fill(sizeof buffer); return ocall(CALL_NULL, buffer, sizeof buffer, NULL, 0);
    case VICTIM_ATTEST_LONG: fill(sizeof buffer); return attest(buffer, REPORT_DATA);
    case VICTIM_ATTEST_SHORT: {
      long error = attest(nonce, sizeof nonce - 1);
      return error ? error : ocall(CALL_KEEP, buffer, sizeof(struct keystone_report), NULL, 0);
    }
    case VICTIM_EXIT_TWICE:
      eapp_call(EAPP_EXIT, 11, 0, 0, 0, 0);
      return 22;
    case VICTIM_STOP: ocall(CALL_NULL, NULL, 0, NULL, 0); return 77;
    case VICTIM_SEND_CODE: return ocall(CALL_NULL, code, sizeof code, NULL, 0);
    case VICTIM_SEND_RUNTIME: return ocall(CALL_KEEP, (const void *)RUNTIME_VA, 64, NULL, 0);
    case VICTIM_SHARE: fill(sizeof buffer); return share(buffer, sizeof buffer);
    case VICTIM_SHARE_CODE: return share(code, sizeof code);
    default: return 0;
  }
}
