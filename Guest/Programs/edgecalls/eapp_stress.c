/* The enclave's side of host-stress: the side that must hold (victim.h), or the hostile one (hostile_peer.h). */
#include "aec_eapp.h"
#include "aec_user.h"
#include "check.h"
#include "eapp.h"
#include "hostile_peer.h"
#include "stress_enclave.h"

static struct aec e;
static struct victim v;
static struct stress_report report;
static uint64_t memory[(1 << 18) / 8];
static struct aec_entry table[64] __attribute__((aligned(AEC_PAGE)));

void wrong(const char *what, long a, long b) {
  if (report.violations++) return;
  report.a = a, report.b = b;
  for (unsigned i = 0; what[i] && i < sizeof report.what - 1; i++) report.what[i] = what[i];
}

static void tell(void) { ocall(CALL_KEEP, &report, sizeof report, NULL, 0); }

long eapp_main(void) {
  struct stress_order o;
  uint64_t *word = (uint64_t *)&o;
  for (unsigned i = 0; i < sizeof o / sizeof *word; i++) word[i] = argument(i, 0);
  const struct aec_limits limits = victim_limits(1);
  victim_fill(table, &v);
  int error = aec_eapp_setup(&e, (enum aec_backend)o.backend, &limits, memory, sizeof memory);
  if (!error) error = aec_eapp_register(&e, table, 64);
  if (error && error != AEC_E_GONE && (e.state == NULL || aec_state(&e) == AEC_LIVE)) return error;
  if (error) {
    /* torn down before it could begin */
  } else if (o.hostile) {
    struct peer p = {.e = &e, .lanes = VICTIM_LANES, .seed = o.seed, .noise = (uint32_t)o.noise, .while_live = 1};
    peer_misbehave(&p);
    report.answered = p.answered, report.called = p.called, report.scribbled = p.scribbled;
  } else {
    victim_begin(&v, &e, (int)o.honest, o.turns, 1, &o.seed);
    if (o.backend == AEC_ASYNC_ADAPTIVE) aec_receive_calls(&e);
    victim_call(&v.caller[0]);
    if (o.turns) tell();
    aec_serve_forever(&e, NULL);
    report.tally = victim_settle(&v);
  }
  report.over = 1;
  tell();
  return 0;
}
