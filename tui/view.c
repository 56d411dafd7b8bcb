/*
 * view - see view.h.
 */
#include "tui/view.h"

#define MOVING "q quit  ? help  Enter "

static const struct view views[VIEWS] = {
	[VIEW_LINES] = { "lines", view_lines_fill, NULL, view_lines_act, NULL,
			 MOVING "source  l stacks  m metric  o by  f filter" },
	[VIEW_TREE] = { "tree", view_tree_fill, NULL, view_tree_act, NULL,
			MOVING "fold  t callees first  m metric  f filter" },
	[VIEW_FLAME] = { "flame", view_flame_fill, view_flame_draw,
			 view_flame_act, view_flame_click,
			 MOVING "zoom  u out  hjkl move  t callees first" },
	[VIEW_SOURCE] = { "source", view_source_fill, NULL, NULL, NULL,
			  "q quit  ? help  e edit  u back  m metric" },
	[VIEW_TIMELINE] = { "timeline", view_timeline_fill, view_timeline_draw,
			    view_timeline_act, view_timeline_click,
			    "q quit  ? help  h l move  a set A  b diff  [ ] "
			    "marks  p peak" },
	[VIEW_DIFF] = { "diff", view_diff_fill, NULL, view_lines_act, NULL,
			MOVING "source  c clear A  m metric  o by" },
	[VIEW_THREADS] = { "threads", view_threads_fill, NULL, view_threads_act,
			   NULL, MOVING "only it  m metric" },
	[VIEW_SIZES] = { "sizes", view_sizes_fill, NULL, view_threads_act, NULL,
			 MOVING "only it  m metric" },
	[VIEW_LEAKS] = { "leaks", view_leaks_fill, NULL, view_leaks_act, NULL,
			 MOVING "stack  y keep it  f filter" },
	[VIEW_INFO] = { "info", view_info_fill, NULL, NULL, NULL,
			"q quit  ? help  w write to a file" },
	[VIEW_HELP] = { "help", view_help_fill, NULL, NULL, NULL,
			"q quit  u back" },
};

const struct view *view_of(enum view_id id)
{
	return &views[id];
}
