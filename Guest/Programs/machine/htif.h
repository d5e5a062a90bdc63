// The host-target interface: two words that the host watches by their symbols.
#pragma once
#include <stdint.h>

volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64)));
volatile uint64_t fromhost __attribute__((section(".tohost"), aligned(64)));

static inline uint64_t htif(uint64_t command)
{
    while (tohost) {
    }
    tohost = command;
    while (!fromhost) {
    }
    uint64_t answer = fromhost;
    fromhost = 0;
    return answer;
}
