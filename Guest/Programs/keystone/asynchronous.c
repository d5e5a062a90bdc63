/* What an eapp asks for to make and serve asynchronous edge calls. The calls themselves pass through the rings, which are
 * mapped into the eapp, each page with the rights of its direction. */
#include "aec_abi.h"
#include "runtime.h"

enum { LONGEST_TABLE = 16 * KEYSTONE_PAGE, ROW_BYTES = 64 }; /* of a table: aec.h, struct aec_entry */

static const struct aec_header *header(void) { return (const struct aec_header *)(REGION_VA + shared_size / 2); }

static int attached;

long attach_region(uint64_t answer) {
  struct sbi_result region = sm_call(SBI_AEC_ATTACH, 0, 0, 0);
  if (region.error) return AEC_E_GONE;
  if (map_region(region.value, shared_size)) return AEC_E_INVAL;
  attached = 1;
  struct aec_attachment a = {.base = REGION_VA, .len = shared_size};
  return copy_out(answer, (uint64_t)&a, sizeof a) ? AEC_E_INVAL : AEC_OK;
}

/* Read-only for good: nothing of this runtime gives a right back. */
long seal_table(uint64_t table, uint64_t bytes) {
  uint64_t hash[SHA3_512_BYTES / 8];
  if (!bytes || bytes > LONGEST_TABLE || ((table | bytes) & PAGE_MASK) || !is_user(table, bytes) || protect(table, bytes))
    return AEC_E_INVAL;
  sha3_512(hash, (const uint64_t *)table, bytes / sizeof *hash);
  return sm_call(SBI_AEC_SEAL_TABLE, (uint64_t)hash, bytes / ROW_BYTES, 0).error ? AEC_E_PERM : AEC_OK;
}

long visit_door(uint64_t what, uint64_t microseconds) {
  uint64_t deadline = -1ul;
  if (attached && microseconds && microseconds <= UINT32_MAX) {
    __asm__ volatile("rdtime %0" : "=r"(deadline));
    deadline += microseconds * (header()->timebase / 1000000);
  }
  return (long)sm_call(SBI_AEC_WAIT, what, deadline, 0).value;
}

/* sideleg, 0x103: the user software interrupt is the eapp's. */
long receive_interrupts(uint64_t vector) {
  struct sbi_result entry = sm_call(SBI_AEC_RECEIVE, vector, 0, 0);
  if (entry.error) return -1;
  __asm__ volatile("csrsi 0x103, 1");
  return (long)entry.value;
}
