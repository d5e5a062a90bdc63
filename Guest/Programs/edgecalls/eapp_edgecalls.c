/* The enclave's side of host-edgecalls: calls, or serves, as it is told. */
#include "aec_eapp.h"
#include "aec_user.h"
#include "eapp.h"
#include "measure.h"

static struct measure m;
static uint32_t stop;
static uint64_t memory[(3 << 20) / 8];

static int32_t ask_to_stop(struct aec_request *r) {
  (void)r;
  stop = 1;
  return AEC_OK;
}

/* When the enclave serves, the host takes the marks itself; only what it cannot see is told. */
static int32_t mark(struct aec_request *r) {
  r->ret_val = measure_instructions();
  return AEC_OK;
}

static struct aec_entry table[64] __attribute__((aligned(AEC_PAGE))) = {
    [F_WORK] = {.function = measure_work, .context = &m, .arg_max = MEASURE_LARGEST, .ret_max = MEASURE_LARGEST},
    [F_MARK] = {.function = mark, .arg_max = 8},
    [F_STOP] = {.function = ask_to_stop},
};

long eapp_main(void) {
  uint64_t *word = (uint64_t *)&m;
  for (unsigned i = 0; i < MEASURE_WORDS; i++) word[i] = argument(i, 0);
  struct aec e;
  struct aec_limits limits = {.max_arg = m.payload > 4096 ? (uint32_t)m.payload : 0};
  int error = aec_eapp_setup(&e, (enum aec_backend)m.backend, &limits, memory, sizeof memory);
  if (!error) error = aec_eapp_register(&e, table, 64);
  if (error) return error;
  if (m.backend >= AEC_ASYNC_ADAPTIVE) aec_receive_completions(&e.tx[0]);
  if (m.direction == 0) {
    struct measure_report report = measure_calls(&e.tx[0], &m);
    return aec_call(&e.tx[0], F_REPORT, &report, sizeof report, NULL, 0).status;
  }
  if (m.backend == AEC_SYNC) aec_eapp_serve_sync(&e);
  else measure_serve(&e, &m, &stop);
  return 0;
}
