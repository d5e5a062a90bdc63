/* Measures the bare way: N OCALLs with which the host does nothing, each exactly eight privilege transitions.
 * --arg N (default 1000), --arg BYTES of argument and as many of result (default 0, at most 4096).
 * Returns how many succeeded. N + 2 OCALLs in all: two ask for the arguments. */
#include "eapp.h"

long eapp_main(void) {
  static uint8_t sent[4096], received[4096];
  uint64_t count = argument(0, 1000);
  uint64_t size = argument(1, 0);
  if (size > sizeof sent) size = sizeof sent;

  long served = 0;
  for (uint64_t i = 0; i < count; i++)
    if (ocall(CALL_NULL, sent, size, received, size) == 0) served++;
  return served;
}
