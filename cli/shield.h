/*
 * shield - runs a command that reads foreign files in a process of its own.
 *
 * A trace may come from anybody, and names program files that may be anything.
 * Whatever such bytes do to what reads them, libdw not excepted, ends in a
 * result or in one line and an exit status; memory is bounded by what the
 * machine has, and where a control group has less, the kernel ends this process
 * before any other in it.
 */
#ifndef MEMPROF_CLI_SHIELD_H
#define MEMPROF_CLI_SHIELD_H

/* The command's exit status; COMMAND_FAILED when it crashed. */
int shield_run(int (*run)(int argc, char **argv), int argc, char **argv);

#endif
