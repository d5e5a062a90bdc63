// A supervisor that uses every extension of the Supervisor Binary Interface that it depends on. What it prints is what the
// specification says (SBI 2.0), so it is the same under OpenSBI and under RvJit's own firmware. For two harts.
#include <stdint.h>

#define BASE 0x10UL
#define TIME 0x54494d45UL
#define IPI 0x735049UL
#define RFENCE 0x52464e43UL
#define HSM 0x48534dUL
#define SRST 0x53525354UL
#define DBCN 0x4442434eUL

#define SUPERVISOR_SOFTWARE 1
#define SUPERVISOR_TIMER 5
#define SSTATUS_SIE 2UL
#define TICKS_OF_A_MILLISECOND 10000
#define INVALID_PARAM -3
#define ALREADY_AVAILABLE -6
#define STARTED 0
#define STOPPED 1

struct result {
    long error;
    long value;
};

volatile uint64_t interrupts[64];
static volatile uint64_t mailbox;
static volatile uint64_t answer;
static uint64_t boot_hart;

void hart_entry(void);

static struct result sbi(uint64_t extension, uint64_t function, uint64_t x, uint64_t y, uint64_t z)
{
    register uint64_t a0 __asm__("a0") = x;
    register uint64_t a1 __asm__("a1") = y;
    register uint64_t a2 __asm__("a2") = z;
    register uint64_t a3 __asm__("a3") = 0;
    register uint64_t a4 __asm__("a4") = 0;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
    return (struct result){(long)a0, (long)a1};
}

static void print(const char *text)
{
    uint64_t length = 0;
    while (text[length])
        length++;
    while (length) {
        struct result r = sbi(DBCN, 0, length, (uint64_t)text, 0);
        text += r.value;
        length -= (uint64_t)r.value;
    }
}

static void check(const char *what, int good)
{
    print(what);
    print(good ? ": ok\n" : ": FAILED\n");
}

void unexpected(uint64_t cause, uint64_t pc, uint64_t value)
{
    (void)cause;
    (void)pc;
    (void)value;
    print("unexpected trap\n");
    sbi(SRST, 0, 0, 1, 0);
    for (;;) {
    }
}

static uint64_t now(void)
{
    uint64_t t;
    __asm__ volatile("rdtime %0" : "=r"(t));
    return t;
}

// Sleeps until the interrupt has been taken once more than before.
static void await(int number, uint64_t before)
{
    while (interrupts[number] == before) {
        __asm__ volatile("wfi");
        __asm__ volatile("csrs sstatus, %0" : : "r"(SSTATUS_SIE) : "memory");
        __asm__ volatile("csrc sstatus, %0" : : "r"(SSTATUS_SIE) : "memory");
    }
}

static void enable(int number) { __asm__ volatile("csrs sie, %0" : : "r"(1UL << number) : "memory"); }

static void await_state(uint64_t hart, long state)
{
    while (sbi(HSM, 2, hart, 0, 0).value != state) {
    }
}

// Returns 1 until its first instruction is overwritten.
long rewritten(void);

// Calls the function until it is the new one, then wakes the boot hart and stops.
static void second_hart(void)
{
    answer = (uint64_t)rewritten();
    mailbox = 1;
    while (rewritten() == 1) {
    }
    answer = (uint64_t)rewritten();
    sbi(IPI, 0, 1, boot_hart, 0);
    sbi(HSM, 1, 0, 0, 0);
}

static void third_life(void)
{
    mailbox = 3;
    sbi(HSM, 1, 0, 0, 0);
}

static void timer(void)
{
    uint64_t before = interrupts[SUPERVISOR_TIMER];
    uint64_t start = now();
    check("set_timer", sbi(TIME, 0, start + TICKS_OF_A_MILLISECOND, 0, 0).error == 0);
    enable(SUPERVISOR_TIMER);
    await(SUPERVISOR_TIMER, before);
    check("timer interrupt, not early", now() - start >= TICKS_OF_A_MILLISECOND);
    sbi(TIME, 0, ~0UL, 0, 0);
}

static void own_ipi(void)
{
    uint64_t before = interrupts[SUPERVISOR_SOFTWARE];
    enable(SUPERVISOR_SOFTWARE);
    check("send_ipi", sbi(IPI, 0, 1, boot_hart, 0).error == 0);
    await(SUPERVISOR_SOFTWARE, before);
}

static void harts(void)
{
    uint64_t other = 1 - boot_hart;
    uint64_t before = interrupts[SUPERVISOR_SOFTWARE];
    check("hart_start of an unknown hart", sbi(HSM, 0, 1000, (uint64_t)hart_entry, 0).error == INVALID_PARAM);
    check("this hart is started", sbi(HSM, 2, boot_hart, 0, 0).value == STARTED);
    check("the other is stopped", sbi(HSM, 2, other, 0, 0).value == STOPPED);
    check("hart_start", sbi(HSM, 0, other, (uint64_t)hart_entry, (uint64_t)second_hart).error == 0);
    while (mailbox != 1) {
    }
    check("hart_start again", sbi(HSM, 0, other, (uint64_t)hart_entry, 0).error == ALREADY_AVAILABLE);
    check("the other ran the old code", answer == 1);
    enable(SUPERVISOR_SOFTWARE);
    *(volatile uint32_t *)(uintptr_t)rewritten = 0x00200513; // li a0, 2
    check("remote fence.i", sbi(RFENCE, 0, 1, other, 0).error == 0);
    await(SUPERVISOR_SOFTWARE, before);
    check("the other runs the new code", answer == 2);
    __asm__ volatile("fence.i");
    check("so does this one", rewritten() == 2);
    await_state(other, STOPPED);
    check("hart_start after hart_stop", sbi(HSM, 0, other, (uint64_t)hart_entry, (uint64_t)third_life).error == 0);
    while (mailbox != 3) {
    }
    await_state(other, STOPPED);
}

int main(uint64_t hart, const void *device_tree)
{
    boot_hart = hart;
    static const uint64_t wanted[] = {TIME, IPI, RFENCE, HSM, SRST, DBCN};
    check("device tree", *(const uint32_t *)device_tree == 0xedfe0dd0);
    check("version at least 1.0", sbi(BASE, 0, 0, 0, 0).value >= 1 << 24);
    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
        check("probe_extension", sbi(BASE, 3, wanted[i], 0, 0).value != 0);
    check("probe of nothing", sbi(BASE, 3, 0x12345678, 0, 0).value == 0);
    timer();
    own_ipi();
    harts();
    check("remote sfence.vma", sbi(RFENCE, 1, 0, ~0UL, 0).error == 0);
    print("bye\n");
    sbi(SRST, 0, 0, 0, 0);
    return 0;
}
