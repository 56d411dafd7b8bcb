/*
 * orders - what those who come to the door want of the collector.
 */
#ifndef MEMPROF_CLI_ORDERS_H
#define MEMPROF_CLI_ORDERS_H

#include "cli/door.h"
#include "trace/collector.h"

/* Opens the door of a collector, which is borrowed. */
void orders_open(struct door *d, struct collector *c, int ring);

#endif
