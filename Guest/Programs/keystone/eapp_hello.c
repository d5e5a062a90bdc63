/* The first enclave: one host call of each kind.
 *
 *   Enclave said: "hello from the enclave"
 *   Enclave said: "the host says: hello from the host"
 *   Enclave said value: 42
 *   enclave returned 42
 *
 * Six OCALLs. A result other than 42 names the step that failed. */
#include "eapp.h"

enum { FAILED_GET = 1, FAILED_WRAPPED = 2, FAILED_COPY = 3, FAILED_COMPARE = 4, FAILED_ADD = 5 };

long eapp_main(void) {
  static char said[128] = "the host says: ";
  static char again[64];
  const size_t prefix = text_length(said);

  print("hello from the enclave");

  char *answer = said + prefix;
  if (ocall(CALL_GET_STRING, NULL, 0, answer, sizeof again - 1) != 0) return FAILED_GET;
  print(said);

  /* The same string by the other way: the result is an offset and a size in the shared buffer. The size is
   * the host's word, so it is clamped to what we own before it is used. */
  struct edge_data where = {0, 0};
  if (ocall(CALL_GET_WRAPPED, NULL, 0, &where, sizeof where) != 0) return FAILED_WRAPPED;
  size_t size = where.size < sizeof again - 1 ? where.size : sizeof again - 1;
  if (copy_from_shared(again, where.offset, size) != 0) return FAILED_COPY;
  for (size_t i = 0; i < size; i++)
    if (again[i] != answer[i]) return FAILED_COMPARE;

  int64_t terms[2] = {44, -2}, sum = 0;
  if (ocall(CALL_ADD, terms, sizeof terms, &sum, sizeof sum) != 0) return FAILED_ADD;
  print_value((uint64_t)sum);
  return sum;
}
