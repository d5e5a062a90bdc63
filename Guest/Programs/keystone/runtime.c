/* The runtime of an enclave, small: what an eapp of this folder asks of Keystone's Eyrie (runtime/call/syscall.c), as
 * guest code in S-mode. No Linux system calls, no timer. One OCALL is one copy in, STOP, one copy out; nothing that the
 * host writes is read twice. */
#include "aec_abi.h"
#include "runtime.h"

enum { OK = 0, ERROR = 1 };

uint64_t shared_size, monitor_page; /* set by _start */

int copy_guarded(void *to, const void *from, size_t bytes);

int is_user(uint64_t address, uint64_t bytes) {
  return bytes <= USER_LIMIT && address <= USER_LIMIT - bytes;
}

#ifdef UNCHECKED_SOURCES /* as in Keystone's, which says so (runtime/call/syscall.c, dispatch_edgecall_ocall) */
#define IS_SOURCE(address, bytes) 1
#else
#define IS_SOURCE is_user
#endif

static int copy_in(uint64_t to, uint64_t from, uint64_t bytes) {
  return bytes && (!IS_SOURCE(from, bytes) || copy_guarded((void *)to, (const void *)from, bytes));
}

int copy_out(uint64_t to, uint64_t from, uint64_t bytes) {
  return bytes && (!is_user(to, bytes) || copy_guarded((void *)to, (const void *)from, bytes));
}

static long ocall(uint64_t id, uint64_t data, uint64_t size, uint64_t result, uint64_t result_size) {
  volatile struct edge_call *call = (volatile struct edge_call *)UTM_VA;
  if (size > shared_size - sizeof *call || copy_in(UTM_VA + sizeof *call, data, size)) return ERROR;
  call->id = id;
  call->arg_offset = sizeof *call;
  call->arg_size = size;
  sm_call(SBI_SM_STOP_ENCLAVE, STOP_EDGE_CALL_HOST, 0, 0);

  if (call->status != EDGE_OK) return ERROR;
  if (!result_size) return OK;
  uint64_t offset = call->ret_offset, bytes = call->ret_size;
  if (offset > shared_size || bytes > shared_size - offset) return ERROR;
  return copy_out(result, UTM_VA + offset, bytes < result_size ? bytes : result_size);
}

static long shared_copy(uint64_t to, uint64_t offset, uint64_t bytes) {
  if (offset >= shared_size || bytes > shared_size - offset) return ERROR;
  return copy_out(to, UTM_VA + offset, bytes);
}

/* The monitor's page: what it writes in the first half, what it reads in the second. */
enum { HALF = KEYSTONE_PAGE / 2 };

static long attest(uint64_t report, uint64_t data, uint64_t size) {
  if (size > REPORT_DATA || copy_in(MONITOR_PAGE_VA + HALF, data, size)) return SM_ILLEGAL_ARGUMENT;
  uint64_t error = sm_call(SBI_SM_ATTEST_ENCLAVE, MONITOR_PAGE_VA, MONITOR_PAGE_VA + HALF, size).error;
  return error ? (long)error : copy_out(report, MONITOR_PAGE_VA, REPORT_BUFFER) ? SM_ILLEGAL_ARGUMENT : 0;
}

static long sealing_key(uint64_t to, uint64_t size, uint64_t name, uint64_t name_size) {
  if (name_size > HALF || copy_in(MONITOR_PAGE_VA + HALF, name, name_size)) return -1;
  uint64_t error = sm_call(SBI_SM_GET_SEALING_KEY, monitor_page, monitor_page + HALF, name_size).error;
  if (error) return (long)error;
  const uint64_t all = sizeof(struct keystone_sealing_key);
  return copy_out(to, MONITOR_PAGE_VA, size < all ? size : all) ? -1 : 0;
}

static __attribute__((noinline)) long serve_other(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t number) {
  switch (number) {
    case EAPP_SHAREDCOPY: return shared_copy(a, b, c);
    case EAPP_ATTEST: return attest(a, b, c);
    case EAPP_SEALING_KEY: return sealing_key(a, b, c, d);
    case AEC_EYRIE_SETUP: return attach_region(a);
    case AEC_EYRIE_SET_TABLE: return seal_table(a, b);
    case AEC_EYRIE_WAIT: return visit_door(a, b);
    case AEC_EYRIE_RECEIVE: return receive_interrupts(a);
    case EAPP_EXIT: sm_exit(a);
    default: return -1;
  }
}

/* OCALLs are what is fast. */
long serve(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t number) {
  (void)f, (void)g;
  return number == EAPP_OCALL || number == AEC_EYRIE_FALLBACK ? ocall(a, b, c, d, e) : serve_other(a, b, c, d, number);
}

/* A trap that is no call. */
noreturn void fatal(uint64_t cause, uint64_t pc, uint64_t value) {
  console("[runtime] fatal trap at ");
  console_hex(pc);
  console(" on ");
  console_hex(value);
  console(" (scause: ");
  console_hex(cause);
  console(")\n");
  sm_exit(EAPP_KILLED);
}
