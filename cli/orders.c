/*
 * orders - see orders.h.
 */
#include "cli/orders.h"

#include <stdio.h>

#include "trace/lookout.h"

static void look(struct collector *c, int32_t pid, struct door_answer *answer)
{
	char name[LOOKOUT_NAME];
	struct err err;
	bool failed = collector_leaks(c, pid, name, &err) < 0;

	answer->code = failed ? DOOR_FAILED : DOOR_OBEYED;
	snprintf(answer->text, sizeof(answer->text), "%s",
		 failed ? err.text : name);
}

static void obey(void *context, const struct door_order *order,
		 struct door_answer *answer)
{
	struct collector *c = context;

	switch ((enum door_verb)order->verb) {
	case DOOR_MARK:
		collector_mark(c, order->name, MODEL_MARK_COMMAND);
		break;
	case DOOR_START:
		collector_record(c, true, MODEL_MARK_COMMAND);
		break;
	case DOOR_STOP:
		collector_record(c, false, MODEL_MARK_COMMAND);
		break;
	case DOOR_LEAKS:
		look(c, order->pid, answer);
		break;
	case DOOR_LEAKS_DONE:
		if (collector_is_looking(c))
			answer->code = DOOR_NOT_YET;
		break;
	}
}

void orders_open(struct door *d, struct collector *c, int ring)
{
	door_open(d, ring, collector_nonce(c));
	d->obey = obey;
	d->context = c;
}
