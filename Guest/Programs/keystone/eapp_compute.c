/* Computes inside the enclave, reports four values by OCALL (four in all) and returns a digest of them.
 * "linux-tests compute" prints the same values and digest without an enclave. */
#include "eapp.h"
#include "compute.h"

long eapp_main(void) { return compute_all(print_value); }
