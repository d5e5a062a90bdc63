/* The parts of aec-plain; each gets the arguments from its own name on, and 2 means that they are wrong. */
#ifndef PLAIN_H
#define PLAIN_H

int print_layout(int argc, char **argv);
int print_cost(int argc, char **argv);
int run_calls(int argc, char **argv);
int run_teardown(int argc, char **argv);
int run_hostile(int argc, char **argv);
int run_allocator(int argc, char **argv);

#endif
