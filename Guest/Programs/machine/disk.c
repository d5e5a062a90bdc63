// A virtio disk in slot 0 by polling: identity and size, sector 1 read, its bytes reversed written to sector 2, flush.
#include "machine.h"

#define SECTOR 512
#define QUEUE 8
#define NEXT 1
#define WRITE 2

enum { IN = 0, OUT = 1, FLUSH = 4 };

static struct { uint64_t address; uint32_t length; uint16_t flags, next; } table[QUEUE] __attribute__((aligned(16)));
static volatile struct { uint16_t flags, index, ring[QUEUE]; } available __attribute__((aligned(2)));
static volatile struct { uint16_t flags, index; struct { uint32_t id, length; } ring[QUEUE]; } used __attribute__((aligned(4)));
static struct { uint32_t type, reserved; uint64_t sector; } header;
static volatile uint8_t status;
static uint8_t buffer[SECTOR];

static void set(uint64_t at, uint32_t value) { *reg32(VIRTIO + at) = value; }
static uint32_t get(uint64_t at) { return *reg32(VIRTIO + at); }

static void set_address(uint64_t at, volatile void *address)
{
    set(at, (uint32_t)(uint64_t)address);
    set(at + 4, (uint32_t)((uint64_t)address >> 32));
}

static int request(uint32_t type, uint64_t sector)
{
    int data = type != FLUSH;
    header.type = type;
    header.sector = sector;
    status = 255;
    table[0].address = (uint64_t)&header;
    table[0].length = sizeof header;
    table[0].flags = NEXT;
    table[0].next = data ? 1 : 2;
    table[1].address = (uint64_t)buffer;
    table[1].length = SECTOR;
    table[1].flags = NEXT | (type == IN ? WRITE : 0);
    table[1].next = 2;
    table[2].address = (uint64_t)&status;
    table[2].length = 1;
    table[2].flags = WRITE;
    uint16_t before = used.index;
    available.ring[available.index % QUEUE] = 0;
    FENCE();
    available.index++;
    FENCE();
    set(0x50, 0);
    while (used.index == before) {
    }
    FENCE();
    set(0x64, get(0x60));
    return status;
}

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    if (get(0) != 0x74726976 || get(4) != 2 || get(8) != 2)
        return 2;
    set(0x70, 0);
    set(0x70, 1);
    set(0x70, 3);
    set(0x24, 0);
    set(0x20, 1 << 9);
    set(0x24, 1);
    set(0x20, 1);
    set(0x70, 11);
    if (!(get(0x70) & 8))
        return 3;
    set(0x30, 0);
    set(0x38, QUEUE);
    set_address(0x80, table);
    set_address(0x90, &available);
    set_address(0xa0, &used);
    set(0x44, 1);
    set(0x70, 15);
    print("sectors ");
    print_hex(*reg32(VIRTIO + 0x100));
    print("\n");
    if (request(IN, 1) != 0)
        return 4;
    for (int i = 0; i < 16; i++)
        put((char)buffer[i]);
    put('\n');
    for (int i = 0; i < SECTOR / 2; i++) {
        uint8_t byte = buffer[i];
        buffer[i] = buffer[SECTOR - 1 - i];
        buffer[SECTOR - 1 - i] = byte;
    }
    if (request(OUT, 2) != 0 || request(FLUSH, 0) != 0)
        return 5;
    if (request(IN, 1UL << 40) != 1)
        return 6;
    return 0;
}
