/* Attacks from inside an enclave, one a run: --arg NUMBER [--arg ADDRESS].
 *
 * The probe announces itself, then does what its name says. A runtime ends an eapp that faults with -1, so:
 *   -1           the attempt was stopped and the enclave with it, which is right for probes marked KILL;
 *   0            the attempt was refused and the eapp lived on, which is right for probes marked REFUSE;
 *   1000 + N     probe N got through.
 * Number 98 spins ADDRESS times instead, to be attacked by the host meanwhile. 0 and numbers beyond the list attempt
 * nothing. "host-attack probes" runs the whole list.
 *
 * Upstream's Eyrie does not pass all: it spins for ever on 31 to 38, and does not check the source of an OCALL. */
#include "eapp.h"

static volatile uint64_t sink;
static const uint64_t constant = 0x1122334455667788;
static uint64_t variable;
extern char eapp_end[];

#define PAST_2_38 (1ul << 38)
#define UTM_IN_RUNTIME 0xffffffff80000000ul     /* where the runtime maps the shared buffer (runtime/include/mm/vm_defs.h) */
#define EPM_IN_RUNTIME 0xffffffff00000000ul     /* the enclave's memory, linearly */
#define RUNTIME 0xffffffffc0000000ul            /* the runtime's own code */
#define FIRMWARE 0x80000000ul                   /* the security monitor, as a physical address */
#define STACK_TOP 0x40000000ul

static void load(uint64_t address) {
  uint64_t value;
  __asm__ volatile("ld %0, 0(%1)" : "=r"(value) : "r"(address) : "memory");
  sink = value;
}
static void store(uint64_t address) { __asm__ volatile("sd %0, 0(%1)" : : "r"(0x6666666666666666), "r"(address) : "memory"); }
static void jump(uint64_t address) { ((void (*)(void))address)(); }
static void amo(uint64_t address) { __asm__ volatile("amoswap.d zero, zero, (%0)" : : "r"(address) : "memory"); }
static void reserve(uint64_t address) { __asm__ volatile("lr.d t0, (%0); sc.d t0, t0, (%0)" : : "r"(address) : "t0", "memory"); }
static void load_double(uint64_t address) { __asm__ volatile("fld ft0, 0(%0)" : : "r"(address) : "ft0", "memory"); }

/* ---- Probes that must end the enclave ---- */

static uint64_t given; /* --arg ADDRESS */

static void load_given(void) { load(given); }
static void store_given(void) { store(given); }
static void jump_given(void) { jump(given); }
static void amo_given(void) { amo(given & ~7ul); }
static void load_null(void) { load(0); }
static void load_2_38(void) { load(PAST_2_38); }
static void store_2_38(void) { store(PAST_2_38); }
static void load_alias(void) { load((uint64_t)&constant + PAST_2_38); }
static void load_alias_high(void) { load((uint64_t)&constant | 1ul << 63); }
static void load_top(void) { load(~7ul); }
static void load_wrap(void) { load(~0ul - 3); }
static void load_wrap_displacement(void) { __asm__ volatile("ld t0, 2040(%0)" : : "r"(-8l) : "t0", "memory"); }
static void load_float_2_38(void) { load_double(PAST_2_38 + 64); }
static void amo_2_38(void) { amo(PAST_2_38); }
static void reserve_top(void) { reserve(~7ul); }
static void store_code(void) { store((uint64_t)store_code & ~7ul); }
static void store_constant(void) { store((uint64_t)&constant); }
static void store_page_after_code(void) { store(((uint64_t)store_code & ~4095ul) + 4096); }
static void jump_data(void) { variable = 0x00008067; jump((uint64_t)&variable); } /* ret */
static void jump_unmapped(void) { jump(0x5000000); }
static void jump_2_38(void) { jump((uint64_t)&jump_2_38 + PAST_2_38); }
static void jump_top(void) { jump(~3ul); }
static void past_end(void) { load(((uint64_t)eapp_end + 4095) & ~4095ul); }
static void across_end(void) { load((((uint64_t)eapp_end + 4095) & ~4095ul) - 4); }
static void above_stack(void) { load(STACK_TOP); }
static void shared_buffer(void) { load(UTM_IN_RUNTIME); }
static void epm_window(void) { load(EPM_IN_RUNTIME); }
static void runtime_load(void) { load(RUNTIME); }
static void runtime_jump(void) { jump(RUNTIME); }
static void firmware(void) { load(FIRMWARE); }
static void illegal(void) { __asm__ volatile(".4byte 0"); }
static void read_satp(void) { __asm__ volatile("csrr t0, satp" : : : "t0"); }
static void write_stvec(void) { __asm__ volatile("csrw stvec, zero"); }
static void read_mhartid(void) { __asm__ volatile("csrr t0, mhartid" : : : "t0"); }
static void do_sret(void) { __asm__ volatile("sret"); }
static void do_mret(void) { __asm__ volatile("mret"); }
static void do_sfence(void) { __asm__ volatile("sfence.vma"); }
static void breakpoint(void) { __asm__ volatile("ebreak"); }

static __attribute__((noinline)) uint64_t recurse(uint64_t n) {
  volatile char frame[2000];
  frame[0] = (char)n;
  return n == 1ul << 40 ? 0 : recurse(n + 1) + (uint64_t)frame[0];
}
static void stack_overflow(void) { recurse(0); }

/* ---- Probes that must be refused; their result is what the call gave ---- */

enum { CALLED_OK = 0, REFUSED = 1 };

/* The monitor's interface is for the runtime: from here, an ecall is a runtime call with an unknown number. */
static long monitor_exit(void) {
  register long a0 __asm__("a0") = 77;
  register long a6 __asm__("a6") = SBI_SM_EXIT_ENCLAVE;
  register long a7 __asm__("a7") = SBI_EXT_KEYSTONE;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a6), "r"(a7) : "memory");
  return a0;
}

/* The runtime as a confused deputy: argument and result addresses that are not the eapp's. */
static long send_runtime(void) { return ocall(CALL_PRINT, (void *)RUNTIME, 64, NULL, 0); }
static long send_epm(void) { return ocall(CALL_PRINT, (void *)EPM_IN_RUNTIME, 64, NULL, 0); }
static long send_unmapped(void) { return ocall(CALL_PRINT, (void *)0x5000000, 64, NULL, 0); }
static long send_2_38(void) { return ocall(CALL_PRINT, (void *)PAST_2_38, 64, NULL, 0); }
static long send_wrapping(void) { return ocall(CALL_PRINT, (void *)~7ul, 64, NULL, 0); }
static long send_across_end(void) {
  return ocall(CALL_PRINT, (void *)((((uint64_t)eapp_end + 4095) & ~4095ul) - 8), 64, NULL, 0);
}
static long send_too_much(void) { return ocall(CALL_PRINT, &variable, 1ul << 40, NULL, 0); }
static long receive_runtime(void) { return ocall(CALL_GET_STRING, NULL, 0, (void *)RUNTIME, 8); }
static long receive_code(void) { return ocall(CALL_GET_STRING, NULL, 0, (void *)((uint64_t)receive_code & ~7ul), 8); }
static long copy_to_runtime(void) { return copy_from_shared((void *)RUNTIME, 0, 8); }
static long copy_offset(void) { return copy_from_shared(&variable, 1ul << 40, 8); }
static long copy_wrapping(void) { return copy_from_shared(&variable, ~0ul - 3, 8); }
static long copy_size(void) { return copy_from_shared(&variable, 8, ~0ul - 3); }
static long unknown_call(void) { return eapp_call(424242, 1, 2, 3, 4, 5); }
static long unknown_host_call(void) { return ocall(9, NULL, 0, NULL, 0); }
static long host_call_10(void) { return ocall(10, NULL, 0, NULL, 0); } /* one past a ten-entry table */
static long huge_host_call(void) { return ocall(-1, NULL, 0, NULL, 0); }

/* An OCALL whose answer a hostile host chooses (host-attack hostile-answer): whatever it says, nothing beyond the
 * offered buffer may change. */
static long hostile_answer(void) {
  static struct {
    uint64_t before, buffer[2], after;
  } guarded = {0x1111, {0, 0}, 0x2222};
  ocall(CALL_NULL, &guarded.buffer, sizeof guarded.buffer, guarded.buffer, sizeof guarded.buffer);
  return guarded.before == 0x1111 && guarded.after == 0x2222 ? REFUSED : CALLED_OK;
}

/* ---- The list; numbers are part of the interface, so append only ---- */

static const struct probe {
  const char *name;
  void (*kill)(void);
  long (*refuse)(void);
} probes[] = {
    [1] = {"load from the given address", load_given, NULL},
    [2] = {"store to the given address", store_given, NULL},
    [3] = {"jump to the given address", jump_given, NULL},
    [4] = {"amo on the given address", amo_given, NULL},
    [5] = {"load from 0", load_null, NULL},
    [6] = {"load from 2^38", load_2_38, NULL},
    [7] = {"store to 2^38", store_2_38, NULL},
    [8] = {"load from own data plus 2^38", load_alias, NULL},
    [9] = {"load from own data with bit 63", load_alias_high, NULL},
    [10] = {"load from the last eight bytes", load_top, NULL},
    [11] = {"load across the end of the address space", load_wrap, NULL},
    [12] = {"load with a displacement that wraps", load_wrap_displacement, NULL},
    [13] = {"fld from beyond 2^38", load_float_2_38, NULL},
    [14] = {"amo on 2^38", amo_2_38, NULL},
    [15] = {"lr/sc at the last eight bytes", reserve_top, NULL},
    [16] = {"store to own code", store_code, NULL},
    [17] = {"store to own constants", store_constant, NULL},
    [18] = {"store to the page after the code", store_page_after_code, NULL},
    [19] = {"jump into own data", jump_data, NULL},
    [20] = {"jump to an unmapped address", jump_unmapped, NULL},
    [21] = {"jump to own code plus 2^38", jump_2_38, NULL},
    [22] = {"jump to the last four bytes", jump_top, NULL},
    [23] = {"load from the page after the data", past_end, NULL},
    [24] = {"load across the end of the data", across_end, NULL},
    [25] = {"load above the stack", above_stack, NULL},
    [26] = {"load the runtime's shared buffer", shared_buffer, NULL},
    [27] = {"load the runtime's view of enclave memory", epm_window, NULL},
    [28] = {"load the runtime's code", runtime_load, NULL},
    [29] = {"jump into the runtime", runtime_jump, NULL},
    [30] = {"load the security monitor", firmware, NULL},
    [31] = {"illegal instruction", illegal, NULL},
    [32] = {"read satp", read_satp, NULL},
    [33] = {"write stvec", write_stvec, NULL},
    [34] = {"read mhartid", read_mhartid, NULL},
    [35] = {"sret", do_sret, NULL},
    [36] = {"mret", do_mret, NULL},
    [37] = {"sfence.vma", do_sfence, NULL},
    [38] = {"ebreak", breakpoint, NULL},
    [39] = {"stack overflow", stack_overflow, NULL},
    [40] = {"monitor call from the eapp", NULL, monitor_exit},
    [41] = {"send the runtime's code to the host", NULL, send_runtime},
    [42] = {"send enclave memory to the host", NULL, send_epm},
    [43] = {"send from an unmapped address", NULL, send_unmapped},
    [44] = {"send from 2^38", NULL, send_2_38},
    [45] = {"send a range that wraps", NULL, send_wrapping},
    [46] = {"send across the end of the data", NULL, send_across_end},
    [47] = {"send 2^40 bytes", NULL, send_too_much},
    [48] = {"receive into the runtime", NULL, receive_runtime},
    [49] = {"receive into own code", NULL, receive_code},
    [50] = {"copy from shared into the runtime", NULL, copy_to_runtime},
    [51] = {"copy from beyond the shared buffer", NULL, copy_offset},
    [52] = {"copy from an offset that wraps", NULL, copy_wrapping},
    [53] = {"copy a size that wraps", NULL, copy_size},
    [54] = {"unknown runtime call", NULL, unknown_call},
    [55] = {"unknown host call", NULL, unknown_host_call},
    [56] = {"host call 10", NULL, host_call_10},
    [57] = {"host call -1", NULL, huge_host_call},
    [58] = {"hostile answer", NULL, hostile_answer},
};
enum { COUNT = sizeof probes / sizeof *probes, SPIN = 98 };

static void announce(uint64_t number) {
  static char line[128];
  char *at = line;
  for (const char *c = "probe "; *c;) *at++ = *c++;
  if (number > 9) *at++ = (char)('0' + number / 10);
  *at++ = (char)('0' + number % 10);
  *at++ = ' ';
  for (const char *c = probes[number].kill ? "KILL " : "REFUSE "; *c;) *at++ = *c++;
  for (const char *c = probes[number].name; *c;) *at++ = *c++;
  *at = '\0';
  print(line);
}

long eapp_main(void) {
  const uint64_t number = argument(0, 0);
  given = argument(1, 0);
  if (number == SPIN)
    for (uint64_t i = 0; i < given; i++) __asm__ volatile("");
  if (number == 0 || number >= COUNT) return 0;

  announce(number);
  if (probes[number].kill) probes[number].kill();
  else if (probes[number].refuse() != CALLED_OK) return 0;
  return 1000 + (long)number;
}
