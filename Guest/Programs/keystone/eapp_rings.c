/* What an eapp may do with its rings and its sealed table beside using them: all that it may, and then the attempt that the
 * first argument names. It returns 42 when the attempt ended as it must, unless that is by a fault. */
#include "aec_abi.h"
#include "eapp.h"

enum { NOTHING, WRITE_HEADER, WRITE_HOST, RUN_REGION, WRITE_TABLE, OCALL_INTO_TABLE, ATTACH_AGAIN, SEAL_AGAIN, SEAL_REGION, SEAL_PART };
enum { REFUSED = 1, PATTERN = 0x5a };

static uint64_t table[2 * AEC_PAGE / 8] __attribute__((aligned(AEC_PAGE))) = {PATTERN};
static struct aec_attachment region;

static long seal(const void *start, uint64_t bytes) { return eapp_call(AEC_EYRIE_SET_TABLE, (long)start, (long)bytes, 0, 0, 0); }

static long attach(void) { return eapp_call(AEC_EYRIE_SETUP, (long)&region, 0, 0, 0, 0); }

static long ended(int as_it_must) { return as_it_must ? 42 : 1; }

long eapp_main(void) {
  if (attach()) return 100;
  volatile uint64_t *host = (uint64_t *)region.base, *header = (uint64_t *)(region.base + region.len / 2);
  volatile uint64_t *first = header + AEC_PAGE / 8, *last = (uint64_t *)(region.base + region.len) - 1;
  *first = *last = PATTERN;
  if (*first != PATTERN || *last != PATTERN || *host == PATTERN || (uint32_t)*header != AEC_MAGIC) return 101;
  if (eapp_call(AEC_EYRIE_WAIT, AEC_RING | AEC_SLEEP, 1000, 0, 0, 0) != AEC_LIVE) return 102;

  for (unsigned i = 1; i < sizeof table / sizeof *table; i++) table[i] = table[i - 1] * PATTERN + i;
  if (seal(table, sizeof table)) return 103;
  if (ocall(CALL_KEEP, table, sizeof table, NULL, 0)) return 104;

  uint64_t index = 0;
  switch (argument(0, NOTHING)) {
    case WRITE_HEADER: *header = 0; return 1;
    case WRITE_HOST: *host = 0; return 1;
    case RUN_REGION:
      *(volatile uint32_t *)first = 0x00008067; /* ret */
      __asm__ volatile("fence.i");
      ((void (*)(void))(uintptr_t)first)();
      return 1;
    case WRITE_TABLE: *(volatile uint64_t *)&table[1023] = 0; return 1;
    case OCALL_INTO_TABLE: return ended(ocall(CALL_GET_ARG, &index, sizeof index, table, sizeof *table) == REFUSED && table[0] == PATTERN);
    case ATTACH_AGAIN: return ended(attach() == AEC_E_GONE);
    case SEAL_AGAIN: return ended(seal(table, sizeof table) == AEC_E_PERM);
    case SEAL_REGION: return ended(seal((void *)first, AEC_PAGE) == AEC_E_INVAL);
    case SEAL_PART: return ended(seal(table + 1, AEC_PAGE) == AEC_E_INVAL);
    default: return 42;
  }
}
