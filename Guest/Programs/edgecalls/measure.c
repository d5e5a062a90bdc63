#include "measure.h"

#include "aec_port.h"
#include "aec_user.h"

static uint64_t sent[MEASURE_LARGEST / 8], received[MEASURE_LARGEST / 8];
static uint32_t histogram[MEASURE_BUCKETS];

int32_t measure_work(struct aec_request *r) {
  const struct measure *m = r->context;
  for (uint64_t i = m->cost; i != 0; i--) __asm__ volatile("");
  if (r->ret_cap) {
    r->ret_len = r->ret_cap < r->arg_len ? r->ret_cap : r->arg_len;
    __builtin_memcpy(r->ret, r->arg, r->ret_len);
  }
  r->ret_val = r->arg_len;
  return AEC_OK;
}

static void note(struct measure_report *report, struct aec_result r, const struct measure *m) {
  if (r.status == AEC_OK && r.ret_val == m->payload && r.ret_len == (m->reply < m->payload ? m->reply : m->payload)) {
    report->ok++;
    return;
  }
  report->failed++;
  if (report->first_error == 0) report->first_error = (uint64_t)(int64_t)r.status;
}

static void note_time(struct measure_report *report, uint64_t ns) {
  uint64_t bucket = ns / MEASURE_BUCKET_NS;
  histogram[bucket < MEASURE_BUCKETS ? bucket : MEASURE_BUCKETS - 1]++;
  if (ns > report->worst) report->worst = ns;
}

static uint64_t percentile(uint64_t n, uint64_t per_mille) {
  uint64_t wanted = n * per_mille / 1000, seen = 0;
  for (unsigned i = 0; i < MEASURE_BUCKETS; i++)
    if ((seen += histogram[i]) > wanted) return (uint64_t)i * MEASURE_BUCKET_NS;
  return 0;
}

/* Fills a batch, shows it at once, waits for all of it. */
static uint64_t call_batch(struct aec_tx *lane, const struct measure *m, uint64_t n, struct measure_report *report) {
  static aec_ticket ticket[MEASURE_BATCH];
  uint64_t k = 0;
  for (; k < n; k++) {
    struct aec_submission s = {.func = F_WORK, .arg = sent, .arg_len = (uint32_t)m->payload, .ret = received, .ret_cap = (uint32_t)m->reply, .more = 1};
    int error = aec_submit(lane, &s, &ticket[k]);
    if (error == AEC_E_AGAIN && k) break;
    if (error) {
      note(report, (struct aec_result){.status = error}, m);
      return 1;
    }
  }
  for (uint64_t i = 0; i < k; i++) note(report, aec_wait(lane, ticket[i], 0), m);
  return k;
}

static void call_all(struct aec_tx *lane, const struct measure *m, uint64_t calls, struct measure_report *report) {
  for (uint64_t done = 0; done < calls && report->failed == 0;) {
    uint64_t left = calls - done, before = m->latency ? measure_ns() : 0;
    if (m->batch > 1) {
      done += call_batch(lane, m, left < m->batch ? left : m->batch, report);
    } else {
      note(report, aec_call(lane, F_WORK, sent, (uint32_t)m->payload, received, (uint32_t)m->reply), m);
      done++;
    }
    if (m->latency) note_time(report, measure_ns() - before);
  }
}

uint64_t measure_serve(struct aec *e, const struct measure *m, const uint32_t *stop) {
  uint64_t turns = 0;
  if (m->backend >= AEC_ASYNC_ADAPTIVE) aec_receive_calls(e);
  if (!m->busy || !e->user) {
    aec_serve_forever(e, stop);
    return 0;
  }
  while (aec_state(e) == AEC_INIT) aec_pause();
  aec_begin_interrupts(e);
  while (aec_state(e) == AEC_LIVE && !__atomic_load_n(stop, __ATOMIC_RELAXED)) turns++;
  aec_end_interrupts(e);
  return turns;
}

struct measure_report measure_calls(struct aec_tx *lane, const struct measure *m) {
  struct measure_report report = {0}, warm = {0};
  call_all(lane, m, m->warmup, &warm);
  for (unsigned i = 0; i < MEASURE_BUCKETS; i++) histogram[i] = 0;
  struct aec_statistics before = lane->stat;
  uint64_t mark = 0;
  aec_call(lane, F_MARK, &mark, sizeof mark, NULL, 0);
  uint64_t ns = measure_ns(), instructions = measure_instructions();
  call_all(lane, m, m->calls, &report);
  report.instructions = measure_instructions() - instructions;
  report.ns = measure_ns() - ns;
  mark = 1;
  aec_call(lane, F_MARK, &mark, sizeof mark, NULL, 0);
  uint64_t timed = m->batch > 1 ? (report.ok + m->batch - 1) / m->batch : report.ok;
  if (m->latency) {
    report.p50 = percentile(timed, 500);
    report.p90 = percentile(timed, 900);
    report.p99 = percentile(timed, 990);
    report.p999 = percentile(timed, 999);
  }
  report.idle_turns = lane->stat.idle_turns - before.idle_turns;
  report.sent = lane->stat.sent - before.sent;
  report.rings = lane->stat.rings - before.rings;
  report.suppressed = lane->stat.suppressed - before.suppressed;
  report.sleeps = lane->stat.sleeps - before.sleeps;
  report.fallbacks = lane->stat.fallbacks - before.fallbacks;
  return report;
}
