// Prints over the serial port; the exit code is the one of the finisher.
#include "machine.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    const uint8_t *tree = device_tree;
    print("hello, world\n");
    return tree[0] == 0xd0 && tree[1] == 0x0d ? 0 : 42;
}
