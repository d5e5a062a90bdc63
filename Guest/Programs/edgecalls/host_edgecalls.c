/* Measures edge calls between this program and an enclave.
 *
 *   host-edgecalls [--backend NAME] [--direction ocall|ecall] [--calls N] [--payload BYTES] [--reply BYTES] [--batch N]
 *                  [--cost TURNS] [--warmup N] [--latency 1] [--lanes N] [--log2 N] [--utm BYTES] [--busy 1] [--harts 1]
 *                 EAPP RUNTIME LOADER
 *
 * With --harts 1 the thread that runs the enclave is the only one. Prints NAME=VALUE lines. `transitions` are the privilege transitions of all harts between two marks, two of which are
 * the marks' own. Exit code 0 when every call succeeded, 1 when one did not, 2 for bad input. */
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aec_host.h"
#include "aec_user.h"
#include "edge_host.h"
#include "enclave.h"
#include "measure.h"

const char program_name[] = "host-edgecalls";

static struct aec_host host;
static struct measure m = {.calls = 100000, .warmup = 1000, .batch = 1, .lanes = 1, .log2_entries = 6, .backend = AEC_ASYNC_POLL};
static struct measure_report report;
static struct aec_counters marks[2];
static uint64_t server_instructions[2];
static uint64_t server_work;
static uint32_t stop;

static int32_t mark(struct aec_request *r) {
  uint64_t which;
  memcpy(&which, r->arg, sizeof which);
  server_instructions[which & 1] = measure_instructions();
  aec_host_counters(&host, &marks[which & 1]);
  return AEC_OK;
}

static int32_t keep_report(struct aec_request *r) {
  memcpy(&report, r->arg, sizeof report);
  return AEC_OK;
}

static struct aec_entry table[MEASURE_FUNCTIONS] = {
    [F_WORK] = {.function = measure_work, .context = &m, .arg_max = MEASURE_LARGEST, .ret_max = MEASURE_LARGEST},
    [F_MARK] = {.function = mark, .arg_min = 8, .arg_max = 8},
    [F_REPORT] = {.function = keep_report, .arg_min = sizeof report, .arg_max = sizeof report},
};

static void *serve(void *unused) {
  (void)unused;
  server_work = measure_serve(&host.aec, &m, &stop);
  return NULL;
}

/* The host calls: marks are taken here, around the calls. */
static struct measure_report call_from_here(void) {
  struct measure warm = m;
  struct aec_tx *lane = &host.aec.tx[0];
  warm.calls = 0;
  measure_calls(lane, &warm);
  struct measure timed = m;
  timed.warmup = 0;
  aec_host_counters(&host, &marks[0]);
  struct measure_report r = measure_calls(lane, &timed);
  aec_host_counters(&host, &marks[1]);
  return r;
}

static void *call(void *unused) {
  (void)unused;
  while (aec_state(&host.aec) == AEC_INIT) usleep(100); /* the eapp attaches */
  if (m.backend >= AEC_ASYNC_ADAPTIVE) aec_receive_completions(&host.aec.tx[0]);
  report = call_from_here();
  aec_call(&host.aec.tx[0], F_STOP, NULL, 0, NULL, 0);
  return NULL;
}

static uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most) {
  char *end;
  uint64_t value = strtoull(text, &end, 0);
  if (end == text || *end || value < least || value > most) usage_error("--%s: out of range: %s", option, text);
  return value;
}

static uint64_t backend_of(const char *name) {
  for (uint64_t i = 0; i < AEC_BACKENDS; i++)
    if (strcmp(name, aec_backend_names[i]) == 0) return i;
  usage_error("--backend: no such backend: %s", name);
}

static size_t utm = 1 << 22;

static void parse(int argc, char **argv) {
  static const struct option known[] = {
      {"backend", required_argument, NULL, 'b'}, {"direction", required_argument, NULL, 'd'}, {"calls", required_argument, NULL, 'n'},
      {"payload", required_argument, NULL, 'p'}, {"reply", required_argument, NULL, 'r'},     {"batch", required_argument, NULL, 'k'},
      {"cost", required_argument, NULL, 'c'},    {"warmup", required_argument, NULL, 'w'},    {"latency", required_argument, NULL, 'l'},
      {"lanes", required_argument, NULL, 'L'},   {"log2", required_argument, NULL, '2'},      {"utm", required_argument, NULL, 'u'},
      {"busy", required_argument, NULL, 'B'},    {"harts", required_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  int option;
  opterr = 0;
  while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) switch (option) {
      case 'b': m.backend = backend_of(optarg); break;
      case 'd':
        if (strcmp(optarg, "ocall") && strcmp(optarg, "ecall")) usage_error("--direction: ocall or ecall, not %s", optarg);
        m.direction = optarg[0] == 'e';
        break;
      case 'n': m.calls = number("calls", optarg, 1, 1ull << 40); break;
      case 'p': m.payload = number("payload", optarg, 0, MEASURE_LARGEST); break;
      case 'r': m.reply = number("reply", optarg, 0, MEASURE_LARGEST); break;
      case 'k': m.batch = number("batch", optarg, 1, MEASURE_BATCH); break;
      case 'c': m.cost = number("cost", optarg, 0, 1ull << 40); break;
      case 'w': m.warmup = number("warmup", optarg, 0, 1ull << 40); break;
      case 'l': m.latency = number("latency", optarg, 0, 1); break;
      case 'B': m.busy = number("busy", optarg, 0, 1); break;
      case 'h': host.one_thread = number("harts", optarg, 1, 2) == 1; break;
      case 'L': m.lanes = number("lanes", optarg, 1, AEC_MAX_LANES); break;
      case '2': m.log2_entries = number("log2", optarg, AEC_MIN_LOG2, AEC_MAX_LOG2); break;
      case 'u': utm = number("utm", optarg, 2 * AEC_MIN_REGION, 1 << 28); break;
      default: usage_error("usage: host-edgecalls [OPTION VALUE]... EAPP RUNTIME LOADER");
    }
  if (argc - optind != 3) usage_error("usage: host-edgecalls [OPTION VALUE]... EAPP RUNTIME LOADER");
  if (m.batch > 1 && m.backend < AEC_ASYNC_POLL) usage_error("--batch: %s has no batches", aec_backend_names[m.backend]);
}

static void fail(const char *what, int error) {
  fflush(stdout);
  fprintf(stderr, "host-edgecalls: %s: %d\n", what, error);
  exit(1);
}

/* Keystone's own calls: the eapp asks for its arguments. */
static struct enclave enclave;
static struct host_services services;
static void other(struct aec_host *h, void *context) {
  (void)h;
  serve_host_call(&enclave, context);
}

static void print(void) {
#define LINE(name, value) printf(name "=%" PRIu64 "\n", (uint64_t)(value))
  printf("backend=%s\ndirection=%s\n", aec_backend_names[m.backend], m.direction ? "ecall" : "ocall");
  LINE("calls", m.calls);
  LINE("payload", m.payload);
  LINE("reply", m.reply);
  LINE("batch", m.batch);
  LINE("cost", m.cost);
  LINE("ok", report.ok);
  LINE("failed", report.failed);
  uint64_t all = 0;
  for (int i = 0; i < AEC_TRANSITION_KINDS; i++) all += marks[1].transitions[i] - marks[0].transitions[i];
  LINE("transitions", all);
  LINE("doorbells", marks[1].rings - marks[0].rings);
  LINE("ns", report.ns);
  LINE("caller_instructions", report.instructions);
  LINE("server_instructions", server_instructions[1] - server_instructions[0]);
  LINE("p50", report.p50);
  LINE("p90", report.p90);
  LINE("p99", report.p99);
  LINE("p999", report.p999);
  LINE("worst", report.worst);
  LINE("caller_idle_turns", report.idle_turns);
  LINE("caller_rings", report.rings);
  LINE("caller_sent", report.sent);
  LINE("caller_suppressed", report.suppressed);
  LINE("caller_sleeps", report.sleeps);
  LINE("fallbacks", report.fallbacks);
  if (m.direction == 0) {
    LINE("server_idle_turns", host.aec.rx[0].stat.idle_turns);
    LINE("server_rings", host.aec.rx[0].stat.rings);
    LINE("server_sleeps", host.aec.rx[0].stat.sleeps);
    LINE("server_sent", host.aec.rx[0].stat.sent);
    LINE("server_interrupts", host.aec.interrupts);
    LINE("server_spurious", host.aec.spurious);
    LINE("server_work", server_work);
  }
}

int main(int argc, char **argv) {
  parse(argc, argv);
  struct images images = read_images(argv[optind], argv[optind + 1], argv[optind + 2]);
  memcpy(services.arguments, &m, sizeof m);
  services.argument_count = MEASURE_WORDS;
  services.string = "";
  enclave.device = open_device();
  int error = enclave_build(&enclave, &images, 16 << 20, utm);
  if (error) fail("the driver did not create the enclave", error);
  host = (struct aec_host){.one_thread = host.one_thread, .device = enclave.device, .eid = enclave.info.eid, .utm = enclave.utm, .utm_len = enclave.utm_size};
  struct aec_limits limits = {.max_arg = m.payload > 4096 ? (uint32_t)m.payload : 0};
  error = aec_host_setup(&host, (unsigned)m.lanes, (unsigned)m.lanes, (unsigned)m.log2_entries, (enum aec_backend)m.backend, &limits);
  if (!error) error = aec_register(&host.aec, table, MEASURE_FUNCTIONS);
  if (error) fail("no edge calls", error);

  pthread_t thread;
  uint64_t value = 0;
  int threaded = m.backend != AEC_SYNC && !host.one_thread; /* the thread that runs the enclave serves synchronous calls */
  if (threaded) {
    pthread_create(&thread, NULL, m.direction ? call : serve, NULL);
  } else if (m.direction == 1) {
    error = aec_host_enter(&host, other, &services);
    if (error) fail("the enclave does not serve", error);
    report = call_from_here();
    if (host.one_thread) aec_call(&host.aec.tx[0], F_STOP, NULL, 0, NULL, 0);
  }
  error = aec_host_run(&host, &value, other, &services);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  aec_host_teardown(&host);
  if (threaded) pthread_join(thread, NULL);
  if (error || value) fail("the enclave ended", error ? error : (int)value);
  print();
  enclave_destroy(&enclave);
  aec_host_free(&host);
  return report.failed != 0 || report.ok != m.calls;
}
