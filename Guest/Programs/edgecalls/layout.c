/* Prints the layout of AEC v1 as the compiler sees it: NAME OFFSET or NAME VALUE, one a line. */
#include <stddef.h>
#include <stdio.h>

#include "aec_abi.h"
#include "plain.h"

#define FIELD(type, field) printf(#type "." #field " %zu %zu\n", offsetof(struct type, field), sizeof(((struct type *)0)->field))
#define SIZE(type) printf(#type " %zu\n", sizeof(struct type))
#define VALUE(name) printf(#name " %lld\n", (long long)(name))

int print_layout(int argc, char **argv) {
  (void)argv;
  if (argc != 1) return 2;
  SIZE(aec_header);
  FIELD(aec_header, magic); FIELD(aec_header, major); FIELD(aec_header, minor); FIELD(aec_header, eid);
  FIELD(aec_header, gen); FIELD(aec_header, region_len); FIELD(aec_header, features); FIELD(aec_header, n_osq);
  FIELD(aec_header, n_esq); FIELD(aec_header, log2_entries); FIELD(aec_header, off); FIELD(aec_header, len);
  FIELD(aec_header, state); FIELD(aec_header, max_func); FIELD(aec_header, timebase);
  SIZE(aec_line);
  FIELD(aec_line, idx); FIELD(aec_line, flags); FIELD(aec_line, event); FIELD(aec_line, gen); FIELD(aec_line, notify); FIELD(aec_line, cancels);
  SIZE(aec_sqe);
  FIELD(aec_sqe, seq); FIELD(aec_sqe, op); FIELD(aec_sqe, flags); FIELD(aec_sqe, cookie); FIELD(aec_sqe, func);
  FIELD(aec_sqe, arg_len); FIELD(aec_sqe, arg_off); FIELD(aec_sqe, ret_cap); FIELD(aec_sqe, deadline); FIELD(aec_sqe, data);
  SIZE(aec_cqe);
  FIELD(aec_cqe, seq); FIELD(aec_cqe, status); FIELD(aec_cqe, cookie); FIELD(aec_cqe, ret_off); FIELD(aec_cqe, ret_len);
  FIELD(aec_cqe, ret_val);
  SIZE(aec_setup);
  FIELD(aec_setup, eid); FIELD(aec_setup, n_osq); FIELD(aec_setup, n_esq); FIELD(aec_setup, log2_entries);
  FIELD(aec_setup, features); FIELD(aec_setup, region_offset); FIELD(aec_setup, region_len);
  SIZE(aec_door);
  FIELD(aec_door, eid); FIELD(aec_door, what); FIELD(aec_door, limit); FIELD(aec_door, state);
  SIZE(aec_counters);
  FIELD(aec_counters, eid); FIELD(aec_counters, transitions); FIELD(aec_counters, rings);
  SIZE(aec_attachment);
  FIELD(aec_attachment, base); FIELD(aec_attachment, len);
  VALUE(AEC_MAGIC); VALUE(AEC_MAJOR); VALUE(AEC_MINOR); VALUE(AEC_MIN_REGION); VALUE(AEC_MIN_LOG2); VALUE(AEC_MAX_LOG2);
  VALUE(AEC_MAX_LANES); VALUE(AEC_MAX_PAYLOAD); VALUE(AEC_INLINE_MAX); VALUE(AEC_LANE_LINES); VALUE(AEC_HEAD_LINE);
  VALUE(AEC_HOT_LINE);
  VALUE(AEC_INIT); VALUE(AEC_LIVE); VALUE(AEC_DRAIN); VALUE(AEC_DEAD);
  VALUE(AEC_ZE); VALUE(AEC_ZH); VALUE(AEC_DE); VALUE(AEC_DH);
  VALUE(AEC_NEED_NOTIFY); VALUE(AEC_USE_EVENT); VALUE(AEC_IDLE);
  VALUE(AEC_NOP); VALUE(AEC_CALL); VALUE(AEC_CANCEL); VALUE(AEC_FENCE);
  VALUE(AEC_INLINE); VALUE(AEC_SEALED); VALUE(AEC_NO_CQE); VALUE(AEC_LINK); VALUE(AEC_NEST_OK); VALUE(AEC_URGENT);
  VALUE(AEC_OK); VALUE(AEC_E_PERM); VALUE(AEC_E_NOENT); VALUE(AEC_E_AGAIN); VALUE(AEC_E_INVAL); VALUE(AEC_E_NOFUNC);
  VALUE(AEC_E_NEST); VALUE(AEC_E_RING); VALUE(AEC_E_TAMPER); VALUE(AEC_E_TOOBIG); VALUE(AEC_E_GONE); VALUE(AEC_E_TIMEOUT);
  VALUE(AEC_E_ALREADY); VALUE(AEC_E_STALE); VALUE(AEC_E_CANCELED);
  VALUE(AEC_EYRIE_SETUP); VALUE(AEC_EYRIE_SET_TABLE); VALUE(AEC_EYRIE_WAIT); VALUE(AEC_EYRIE_FALLBACK); VALUE(AEC_EYRIE_RECEIVE);
  VALUE(AEC_EYRIE_SHM_CREATE); VALUE(AEC_EYRIE_SHM_GRANT); VALUE(AEC_EYRIE_SHM_TRANSFER); VALUE(AEC_EYRIE_SHM_LOCK); VALUE(AEC_EYRIE_SHM_MAP);
  VALUE(AEC_IOC_SETUP); VALUE(AEC_IOC_TEARDOWN); VALUE(AEC_IOC_DOOR); VALUE(AEC_IOC_RECEIVE); VALUE(AEC_IOC_COUNTERS);
  VALUE(AEC_RING); VALUE(AEC_SLEEP);
  printf("aec_tx_offset(3,5) %u\n", aec_tx_offset(3, 5));
  printf("aec_rx_offset(3,2,5) %u\n", aec_rx_offset(3, 2, 5));
  return 0;
}
