// Prints for ever.
#include "machine.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    for (;;)
        print("a line of sixty-four characters, the last of which is a new one\n");
}
