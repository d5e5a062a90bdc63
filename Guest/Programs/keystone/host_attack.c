/* Attacks from the host, and the error paths of the device: host-attack NAME EAPP RUNTIME LOADER, with eapp-probe as
 * EAPP; host-attack all ...; host-attack list.
 *
 * Every line is "NAME: WHAT RESULT", with ", expected X" behind it when the result is wrong. Exit 0 when all are as
 * they should be, 1 otherwise, 2 for bad input. Where RvJit is deliberately stricter than the upstream driver and
 * monitor, the comment at the attack says so. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "edge_host.h"
#include "enclave.h"

const char program_name[] = "host-attack";

enum { FREE_MEMORY = 256 * 1024, UTM = 64 * 1024 };
enum { PROBE_SPIN = 98, PROBE_HOSTILE_ANSWER = 58 }; /* eapp_probe.c */

static struct images images;
static const char *attack_name;
static int failures;

static void line(const char *what, int64_t actual, int64_t expected, const char *meaning) {
  printf("%s: %s %" PRId64, attack_name, what, actual);
  if (*meaning) printf(" (%s)", meaning);
  if (actual != expected) printf(", expected %" PRId64, expected);
  printf("\n");
  fflush(stdout);
  failures += actual != expected;
}

/* `error` is a negative errno, as the functions of enclave.h return it. */
static void expect_errno(const char *what, int error, int expected) {
  line(what, -error, expected, error ? strerrorname_np(-error) : "success");
}

static void expect_monitor(const char *what, const struct enclave *e, uint64_t expected) {
  line(what, (int64_t)e->error, (int64_t)expected, sm_error_name(e->error));
}

static void expect(const char *what, int64_t actual, int64_t expected) { line(what, actual, expected, ""); }

static int control(struct enclave *e, unsigned long command, void *argument) {
  return ioctl(e->device, command, argument) == 0 ? 0 : -errno;
}

static int map_error(struct enclave *e, size_t size, off_t offset) {
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, e->device, offset);
  if (at == MAP_FAILED) return -errno;
  munmap(at, size);
  return 0;
}

/* ---- Enclaves to attack ---- */

static struct enclave opened(void) { return (struct enclave){.device = open_device()}; }

static void require(int error, const char *step) {
  if (!error) return;
  fprintf(stderr, "host-attack: %s: %s failed: %s\n", attack_name, step, strerror(-error));
  exit(1);
}

static struct enclave loaded(void) {
  struct enclave e = opened();
  require(enclave_create(&e, &images, FREE_MEMORY), "create");
  require(enclave_utm(&e, UTM), "utm_init");
  require(enclave_load(&e, &images), "load");
  return e;
}

static struct enclave fresh(void) {
  struct enclave e = opened();
  require(enclave_build(&e, &images, FREE_MEMORY, UTM), "build");
  return e;
}

static void leave(struct enclave *e) {
  enclave_destroy(e);
  close(e->device);
}

static struct host_services probe(uint64_t number, uint64_t address) {
  return (struct host_services){.string = "xxxxxxx", .arguments = {number, address}, .argument_count = 2};
}

/* ---- Accesses that may fault ---- */

static sigjmp_buf back;
static volatile int fault_code;

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  fault_code = info->si_code;
  siglongjmp(back, 1);
}

/* si_code of the fault, 0 when there was none. */
static __attribute__((noinline)) int touch(volatile uint8_t *at, int write) {
  fault_code = 0;
  if (sigsetjmp(back, 1) == 0) {
    if (write) *at = 0x66;
    else (void)*at;
  }
  return fault_code;
}

/* ---- Enclave memory ---- */

static void epm_after_finalize(void) {
  struct enclave e = loaded();
  uint8_t *pages[3]; /* loader, eapp, free memory */
  const size_t offsets[3] = {0, images.loader.padded + images.runtime.padded, e.info.epm_size - KEYSTONE_PAGE};
  static const char *const reads[3] = {"si_code of reading the loader", "si_code of reading the eapp",
                                       "si_code of reading free memory"};
  static const char *const writes[3] = {"si_code of writing the loader", "si_code of writing the eapp",
                                        "si_code of writing free memory"};
  for (int i = 0; i < 3; i++) {
    pages[i] = enclave_map_page(&e, offsets[i]);
    if (!pages[i]) require(-errno, "mapping a page");
    expect("fault before finalize", touch(pages[i], 0), 0);
  }
  require(enclave_finalize(&e, &images, FREE_MEMORY), "finalize");
  for (int i = 0; i < 3; i++) {
    expect(reads[i], touch(pages[i], 0), SEGV_ACCERR);
    expect(writes[i], touch(pages[i], 1), SEGV_ACCERR);
  }
  /* The kernel copies on our behalf: it must not reach further than we do. */
  int ends[2];
  if (pipe(ends) == 0) {
    expect_errno("write(2) from the eapp", write(ends[1], pages[1], 16) < 0 ? -errno : 0, EFAULT);
    if (write(ends[1], "0123456789abcdef", 16) == 16)
      expect_errno("read(2) into the eapp", read(ends[0], pages[1], 16) < 0 ? -errno : 0, EFAULT);
  }
  expect_errno("ioctl argument in the eapp", control(&e, KEYSTONE_IOC_RUN, pages[1]), EFAULT);

  require(enclave_map_utm(&e), "mapping the UTM");
  struct host_services nothing = probe(0, 0);
  require(enclave_run(&e, serve_host_call, &nothing), "run");
  expect("the enclave still returned", (int64_t)e.value, 0);
  expect("si_code of reading the eapp after its exit", touch(pages[1], 0), SEGV_ACCERR);
  leave(&e);
}

/* After DESTROY a kept mapping may be dead or lead to zeros, but not to what was there. */
static void epm_after_destroy(void) {
  struct enclave e = loaded();
  volatile uint8_t *eapp = enclave_map_page(&e, images.loader.padded + images.runtime.padded);
  expect("first byte of the eapp before", eapp[0], 0x7f);
  require(enclave_finalize(&e, &images, FREE_MEMORY), "finalize");
  require(enclave_destroy(&e), "destroy");
  expect("a secret left after destroy", touch(eapp, 0) == 0 && eapp[0] != 0, 0);
  close(e.device);
}

static void utm_is_zero(void) {
  struct enclave e = fresh();
  int64_t set = 0;
  for (size_t i = 0; i < e.utm_size; i++) set += e.utm[i] != 0;
  expect("bytes set in a fresh UTM", set, 0);
  leave(&e);
}

/* ---- Mappings ---- */

static void mmap_without_enclave(void) {
  struct enclave e = opened();
  expect_errno("mmap before create", map_error(&e, KEYSTONE_PAGE, 0), EINVAL);
  close(e.device);
}

/* Upstream does not check the offset and maps any physical memory; RvJit refuses. */
static void mmap_before_finalize(void) {
  struct enclave e = loaded();
  expect_errno("last page", map_error(&e, KEYSTONE_PAGE, (off_t)(e.info.epm_size - KEYSTONE_PAGE)), 0);
  expect_errno("two pages", map_error(&e, 2 * KEYSTONE_PAGE, 0), EINVAL);
  expect_errno("one page beyond the end", map_error(&e, KEYSTONE_PAGE, (off_t)e.info.epm_size), EINVAL);
  expect_errno("a page at 2^40", map_error(&e, KEYSTONE_PAGE, (off_t)1 << 40), EINVAL);
  expect_errno("offset of physical address 0", map_error(&e, KEYSTONE_PAGE, -(off_t)e.info.epm_paddr), EINVAL);
  leave(&e);
}

static void mmap_after_finalize(void) {
  struct enclave e = fresh();
  expect_errno("whole UTM", map_error(&e, e.utm_size, 0), 0);
  expect_errno("UTM and a page", map_error(&e, e.utm_size + KEYSTONE_PAGE, 0), EINVAL);
  expect_errno("2^40 bytes", map_error(&e, (size_t)1 << 40, 0), EINVAL);
  /* The offset no longer counts: it is the UTM from its start, never enclave memory. */
  e.utm[0] = 0xa5;
  uint8_t *page = enclave_map_page(&e, KEYSTONE_PAGE);
  expect("first byte of a mapping at offset 4096", page ? page[0] : -errno, 0xa5);
  leave(&e);
}

/* ---- ioctl arguments ---- */

static void ioctl_pointers(void) {
  struct enclave e = opened();
  uint8_t *page = mmap(NULL, 2 * KEYSTONE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page + KEYSTONE_PAGE, KEYSTONE_PAGE);
  expect_errno("null", control(&e, KEYSTONE_IOC_CREATE, NULL), EINVAL);
  expect_errno("page 0", control(&e, KEYSTONE_IOC_CREATE, (void *)8), EFAULT);
  expect_errno("2^38", control(&e, KEYSTONE_IOC_CREATE, (void *)(1L << 38)), EFAULT);
  expect_errno("top", control(&e, KEYSTONE_IOC_CREATE, (void *)-8L), EFAULT);
  expect_errno("runs out of its page", control(&e, KEYSTONE_IOC_CREATE, page + KEYSTONE_PAGE - 8), EFAULT);
  munmap(page, KEYSTONE_PAGE);
  close(e.device);
}

static void ioctl_unknown(void) {
  struct enclave e = opened();
  uint8_t argument[256] = {0};
  expect_errno("number 2", control(&e, 0x8050a402, argument), ENOSYS);
  expect_errno("number 255", control(&e, 0x8050a4ff, argument), ENOSYS);
  expect_errno("CREATE with another size", control(&e, 0x8088a400, argument), ENOSYS);
  close(e.device);
}

static void unknown_eid(void) {
  struct enclave e = opened();
  e.info.eid = 0x7777;
  e.info.utm_size = KEYSTONE_PAGE;
  expect_errno("UTM_INIT", control(&e, KEYSTONE_IOC_UTM_INIT, &e.info), EINVAL);
  expect_errno("FINALIZE", control(&e, KEYSTONE_IOC_FINALIZE, &e.info), EINVAL);
  expect_errno("RUN", enclave_step(&e, KEYSTONE_IOC_RUN), EINVAL);
  expect_errno("RESUME", enclave_step(&e, KEYSTONE_IOC_RESUME), EINVAL);
  expect_errno("DESTROY", control(&e, KEYSTONE_IOC_DESTROY, &e.info), EINVAL);
  e.info.eid = ~0ul;
  expect_errno("RUN of -1", enclave_step(&e, KEYSTONE_IOC_RUN), EINVAL);
  expect_errno("DESTROY of -1", control(&e, KEYSTONE_IOC_DESTROY, &e.info), EINVAL);
  close(e.device);
}

static void create_sizes(void) {
  struct enclave e = opened();
  struct keystone_create info = {.min_pages = 1ul << 40};
  expect_errno("2^40 pages", control(&e, KEYSTONE_IOC_CREATE, &info), ENOMEM);
  info = (struct keystone_create){.min_pages = ~0ul};
  expect_errno("2^64 - 1 pages", control(&e, KEYSTONE_IOC_CREATE, &info), ENOMEM);
  info = (struct keystone_create){.min_pages = 5};
  expect_errno("5 pages", control(&e, KEYSTONE_IOC_CREATE, &info), 0);
  expect("bytes for 5 pages", (int64_t)info.epm_size, 8 * KEYSTONE_PAGE);
  expect("an eid from 0x1000 up", info.eid >= 0x1000 && info.eid < 0xffff, 1);
  /* Upstream asks the monitor to destroy enclave -1 and fails with EINVAL; RvJit frees the memory. */
  expect_errno("DESTROY before FINALIZE", control(&e, KEYSTONE_IOC_DESTROY, &info), 0);
  close(e.device);
}

/* ---- What the monitor checks at FINALIZE. Upstream's driver frees a refused enclave but keeps its id. ---- */

static void finalize_with(const char *what, int64_t runtime, int64_t user, int64_t free) {
  struct enclave e = loaded();
  e.info.runtime_paddr = e.info.epm_paddr + (uint64_t)runtime;
  e.info.user_paddr = e.info.epm_paddr + (uint64_t)user;
  e.info.free_paddr = e.info.epm_paddr + (uint64_t)free;
  e.info.free_requested = FREE_MEMORY;
  expect_errno(what, control(&e, KEYSTONE_IOC_FINALIZE, &e.info), EINVAL);
  close(e.device);
}

static void finalize_refusals(void) {
  struct enclave e = opened();
  require(enclave_create(&e, &images, FREE_MEMORY), "create");
  require(enclave_load(&e, &images), "load");
  expect_errno("without a UTM", enclave_finalize(&e, &images, FREE_MEMORY), EINVAL);
  close(e.device);

  const int64_t page = KEYSTONE_PAGE, beyond = (int64_t)1 << 32;
  finalize_with("runtime below the enclave", -page, page, 2 * page);
  finalize_with("runtime behind the eapp", 2 * page, page, 3 * page);
  finalize_with("eapp behind free memory", page, 3 * page, 2 * page);
  finalize_with("eapp beyond the enclave", page, beyond, beyond);
  finalize_with("free memory beyond the enclave", page, 2 * page, beyond);

  e = fresh();
  expect_errno("twice", enclave_finalize(&e, &images, FREE_MEMORY), EINVAL);
  close(e.device);
}

/* ---- States ---- */

static void resume_fresh(void) {
  struct enclave e = fresh();
  require(enclave_step(&e, KEYSTONE_IOC_RESUME), "the ioctl");
  expect_monitor("RESUME", &e, SM_NOT_RESUMABLE);
  struct host_services nothing = probe(0, 0);
  require(enclave_run(&e, serve_host_call, &nothing), "run");
  expect_monitor("RUN afterwards", &e, SM_SUCCESS);
  leave(&e);
}

/* Upstream resumes an enclave that has exited, and the eapp goes on behind its exit; RvJit refuses. */
static void after_exit(void) {
  struct enclave e = fresh();
  struct host_services nothing = probe(0, 0);
  require(enclave_run(&e, serve_host_call, &nothing), "run");
  expect_monitor("RUN", &e, SM_SUCCESS);
  require(enclave_step(&e, KEYSTONE_IOC_RUN), "the ioctl");
  expect_monitor("RUN again", &e, SM_NOT_FRESH);
  require(enclave_step(&e, KEYSTONE_IOC_RESUME), "the ioctl");
  expect_monitor("RESUME", &e, SM_NOT_RESUMABLE);
  leave(&e);
}

static void run_stopped(void) {
  struct enclave e = fresh();
  do require(enclave_step(&e, e.error ? KEYSTONE_IOC_RESUME : KEYSTONE_IOC_RUN), "the ioctl");
  while (e.error == SM_INTERRUPTED);
  expect_monitor("RUN up to the first OCALL", &e, SM_EDGE_CALL_HOST);
  require(enclave_step(&e, KEYSTONE_IOC_RUN), "the ioctl");
  expect_monitor("RUN again", &e, SM_NOT_FRESH);
  expect_errno("DESTROY in the middle of an OCALL", enclave_destroy(&e), 0);
  expect_errno("RESUME afterwards", enclave_step(&e, KEYSTONE_IOC_RESUME), EINVAL);
  expect_errno("DESTROY again", enclave_destroy(&e), EINVAL);
  close(e.device);
}

/* Another thread runs the enclave meanwhile. A real monitor lets DESTROY and RESUME succeed in the instant in which a
 * timer tick has taken the enclave off its hart; a failure there by that chance is none. */
static struct enclave running;
static atomic_int served;

static void serve_and_count(struct enclave *e, void *services) {
  serve_host_call(e, services);
  served++;
}

static void *run_enclave(void *services) {
  int error = enclave_run(&running, serve_and_count, services);
  return (void *)(intptr_t)error;
}

static void while_running(void) {
  struct host_services spin = probe(PROBE_SPIN, 300000000);
  running = fresh();
  served = 0;
  pthread_t thread;
  pthread_create(&thread, NULL, run_enclave, &spin);
  while (served < 2) usleep(1000); /* it has fetched both arguments */
  usleep(20000);

  struct enclave other = {.device = running.device, .info = running.info};
  require(enclave_step(&other, KEYSTONE_IOC_RUN), "the ioctl");
  expect_monitor("RUN", &other, SM_NOT_FRESH);
  require(enclave_step(&other, KEYSTONE_IOC_RESUME), "the ioctl");
  expect_monitor("RESUME", &other, SM_NOT_RESUMABLE);
  expect_errno("DESTROY", control(&other, KEYSTONE_IOC_DESTROY, &other.info), EINVAL);

  void *error;
  pthread_join(thread, &error);
  expect_errno("the running thread", (int)(intptr_t)error, 0);
  expect_monitor("its enclave", &running, SM_SUCCESS);
  leave(&running);
}

/* ---- The shared buffer ---- */

struct hostile {
  struct host_services services;
  uint64_t status, offset, size;
};

static void serve_hostile(struct enclave *e, void *context) {
  struct hostile *h = context;
  struct edge_call *call = (struct edge_call *)e->utm;
  const uint64_t id = call->id;
  serve_host_call(e, &h->services);
  if (id != CALL_NULL) return;
  memset(e->utm + sizeof *call, 0xee, e->utm_size - sizeof *call);
  call->status = h->status;
  call->ret_offset = h->offset;
  call->ret_size = h->size;
}

static void hostile_answer(void) {
  static const struct {
    const char *what;
    uint64_t status, offset, size;
  } cases[] = {
      {"size larger than asked for", EDGE_OK, 48, 4096},
      {"size larger than the buffer", EDGE_OK, 48, UTM},
      {"offset at the end", EDGE_OK, UTM, 16},
      {"offset beyond the end", EDGE_OK, 1ul << 40, 16},
      {"offset and size wrap", EDGE_OK, ~0ul - 7, 16},
      {"size wraps", EDGE_OK, 48, ~0ul - 15},
      {"offset in the header", EDGE_OK, 0, 16},
      {"unknown status", 12345, 48, 16},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct enclave e = fresh();
    struct hostile h = {probe(PROBE_HOSTILE_ANSWER, 0), cases[i].status, cases[i].offset, cases[i].size};
    require(enclave_run(&e, serve_hostile, &h), "run");
    expect(cases[i].what, (int64_t)e.value, 0);
    leave(&e);
  }
}

/* A host that overwrites the whole buffer at every stop, at times with a plausible header, and resumes. The enclave
 * may fail but must come to an end. */
static void serve_garbage(struct enclave *e, void *seed) {
  struct edge_call *call = (struct edge_call *)e->utm;
  uint64_t *x = seed;
  for (size_t i = 0; i < e->utm_size; i += 8) {
    *x = *x * 6364136223846793005 + 1442695040888963407;
    memcpy(e->utm + i, x, 8);
  }
  if (*x >> 40 & 1) call->status = EDGE_OK;
  if (*x >> 41 & 1) call->ret_offset = sizeof *call;
  if (*x >> 42 & 1) call->ret_size %= 64;
}

static void garbage(void) {
  uint64_t seed = 1;
  for (int i = 0; i < 20; i++) {
    struct enclave e = fresh();
    require(enclave_run(&e, serve_garbage, &seed), "run");
    if (e.error != SM_SUCCESS) expect_monitor("run", &e, SM_SUCCESS);
    leave(&e);
  }
  expect("runs that ended", 20, 20);
}

/* ---- From inside: every probe of eapp_probe.c ---- */

struct announced {
  struct host_services services;
  char text[128];
};

static void serve_announcement(struct enclave *e, void *context) {
  struct announced *a = context;
  const struct edge_call *call = (const struct edge_call *)e->utm;
  if (call->id != CALL_PRINT) {
    serve_host_call(e, &a->services);
    return;
  }
  size_t size = call->arg_size < sizeof a->text - 1 ? call->arg_size : sizeof a->text - 1;
  if (strncmp((const char *)e->utm + 48, "probe", 5) == 0) memcpy(a->text, e->utm + 48, size);
  else printf("%s: the host received foreign memory\n", attack_name);
  memset(e->utm + 24, 0, 24); /* OK, no result */
}

static void probes(void) {
  for (uint64_t number = 1;; number++) {
    /* Addresses for the probes that want one: physical memory of this very enclave. */
    struct enclave e = fresh();
    struct announced a = {.services = probe(number, e.info.epm_paddr)};
    require(enclave_run(&e, serve_announcement, &a), "run");
    leave(&e);
    if (!a.text[0]) return;
    expect(a.text, e.error ? (int64_t)e.error : (int64_t)e.value, strstr(a.text, " KILL ") ? EAPP_KILLED : 0);
  }
}

/* ---- The list ---- */

static const struct {
  const char *name;
  void (*run)(void);
} attacks[] = {
    {"epm-after-finalize", epm_after_finalize},
    {"epm-after-destroy", epm_after_destroy},
    {"utm-is-zero", utm_is_zero},
    {"mmap-without-enclave", mmap_without_enclave},
    {"mmap-before-finalize", mmap_before_finalize},
    {"mmap-after-finalize", mmap_after_finalize},
    {"ioctl-pointers", ioctl_pointers},
    {"ioctl-unknown", ioctl_unknown},
    {"unknown-eid", unknown_eid},
    {"create-sizes", create_sizes},
    {"finalize-refusals", finalize_refusals},
    {"resume-fresh", resume_fresh},
    {"after-exit", after_exit},
    {"run-stopped", run_stopped},
    {"while-running", while_running},
    {"hostile-answer", hostile_answer},
    {"garbage", garbage},
    {"probes", probes},
};

int main(int argc, char **argv) {
  const size_t count = sizeof attacks / sizeof *attacks;
  if (argc == 2 && strcmp(argv[1], "list") == 0) {
    for (size_t i = 0; i < count; i++) puts(attacks[i].name);
    return 0;
  }
  if (argc != 5) usage_error("usage: host-attack NAME|all EAPP-PROBE RUNTIME LOADER, or host-attack list");
  images = read_images(argv[2], argv[3], argv[4]);
  close(open_device());

  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  int found = 0;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(argv[1], "all") != 0 && strcmp(argv[1], attacks[i].name) != 0) continue;
    found = 1;
    attack_name = attacks[i].name;
    attacks[i].run();
  }
  if (!found) usage_error("no attack %s; see host-attack list", argv[1]);
  return failures != 0;
}
