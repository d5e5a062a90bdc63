/* The host of eapp-async: one function, served by one thread while another runs the enclave.
 *
 *   host-async EAPP RUNTIME LOADER [one]    one: the thread that runs the enclave serves, too, whenever it gets its turn */
#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "aec_host.h"
#include "edge_host.h"
#include "enclave.h"

const char program_name[] = "host-async";
static struct aec_host host;
static struct enclave enclave;
static struct host_services services = {.string = ""};

static int32_t shout(struct aec_request *r) { /* arg is a private copy; ret is shared, and only ever written */
  r->ret_len = r->arg_len < r->ret_cap ? r->arg_len : r->ret_cap;
  for (uint32_t i = 0; i < r->ret_len; i++) ((char *)r->ret)[i] = (char)toupper(((const unsigned char *)r->arg)[i]);
  return AEC_OK;
}
static const struct aec_entry table[] = {{.function = shout, .arg_max = 64, .ret_max = 64}};

static void *serve(void *unused) {
  (void)unused;
  aec_serve_forever(&host.aec, NULL);
  return NULL;
}

static void other(struct aec_host *h, void *context) { /* Keystone's own OCALLs: print */
  (void)h;
  serve_host_call(&enclave, context);
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) usage_error("usage: host-async EAPP RUNTIME LOADER [one]");
  struct images images = read_images(argv[1], argv[2], argv[3]);
  enclave.device = open_device();
  if (enclave_build(&enclave, &images, 4 << 20, 1 << 18)) usage_error("the driver did not create the enclave");
  host = (struct aec_host){.one_thread = argc == 5, .device = enclave.device, .eid = enclave.info.eid, .utm = enclave.utm, .utm_len = enclave.utm_size};
  if (aec_host_setup(&host, 1, 1, 4, AEC_ASYNC_POLL, NULL) || aec_register(&host.aec, table, 1)) usage_error("no edge calls");

  pthread_t server;
  uint64_t value = 0;
  if (!host.one_thread) pthread_create(&server, NULL, serve, NULL);
  int error = aec_host_run(&host, &value, other, &services);
  aec_host_teardown(&host);
  if (!host.one_thread) pthread_join(server, NULL);
  enclave_destroy(&enclave);
  printf("enclave returned %" PRId64 "\n", (int64_t)value);
  return error != 0;
}
