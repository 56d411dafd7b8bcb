/*
 * judge - see judge.h.
 */
#include "cli/judge.h"

#include "cli/command.h"

int judge_trace(struct profile *p, const char *spec, bool strict)
{
	const struct query_quality *q = profile_quality(p);
	const char *problem = profile_problem(p);

	if (problem)
		command_message("%s: %s", spec, problem);
	if (q->capture.damaged)
		return COMMAND_FAILED;
	if (!strict || q->complete)
		return COMMAND_OK;
	if (!problem)
		command_message("%s: incomplete: %s", spec,
				q->note_count ? q->notes[0] : "events lost");
	return COMMAND_FAILED;
}
