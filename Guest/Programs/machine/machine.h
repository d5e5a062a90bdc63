// The board as bare-metal programs see it: addresses of QEMU's "virt", which are RvJit's too (docs/machine.md).
#pragma once
#include <stdint.h>

#define FINISHER 0x100000UL
#define CLINT 0x2000000UL
#define PLIC 0xc000000UL
#define UART 0x10000000UL
#define VIRTIO 0x10001000UL
#define UART_INTERRUPT 10

#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333
#define FINISHER_RESET 0x7777

#define MIP_SOFTWARE (1UL << 3)
#define MIP_TIMER (1UL << 7)
#define MIP_EXTERNAL (1UL << 11)
#define MSTATUS_MIE (1UL << 3)
#define INTERRUPT (1UL << 63)

static inline volatile uint8_t *reg8(uint64_t address) { return (volatile uint8_t *)address; }
static inline volatile uint32_t *reg32(uint64_t address) { return (volatile uint32_t *)address; }
static inline volatile uint64_t *reg64(uint64_t address) { return (volatile uint64_t *)address; }

#define CSR_READ(name) ({ uint64_t v_; __asm__ volatile("csrr %0, " #name : "=r"(v_) : : "memory"); v_; })
#define CSR_WRITE(name, value) __asm__ volatile("csrw " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define CSR_SET(name, value) __asm__ volatile("csrs " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define CSR_CLEAR(name, value) __asm__ volatile("csrc " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define WFI() __asm__ volatile("wfi" : : : "memory")
#define FENCE() __asm__ volatile("fence iorw, iorw" : : : "memory")

// Waits for an enabled interrupt and takes it. Interrupts are off before and after: none is lost between test and sleep.
static inline void sleep(void)
{
    WFI();
    CSR_SET(mstatus, MSTATUS_MIE);
    CSR_CLEAR(mstatus, MSTATUS_MIE);
}

static inline void put(char c)
{
    while (!(*reg8(UART + 5) & 0x20)) {
    }
    *reg8(UART) = (uint8_t)c;
}

static inline void print(const char *text)
{
    while (*text)
        put(*text++);
}

static inline void print_hex(uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        put("0123456789abcdef"[(value >> shift) & 15]);
}

// Ends the machine; 0 is success.
void finish(int code);
int main(uint64_t hart, const void *device_tree);
