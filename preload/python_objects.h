/*
 * python_objects - the blocks that Python's allocators give out.
 *
 * Objects up to 512 bytes come from pools of the interpreter's own, and malloc
 * never hears of them. The domains MEM and OBJ are hooked, as the interpreter
 * provides for. A block that the allocator behind takes from malloc is
 * recorded there, and not again.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_OBJECTS_H
#define MEMPROF_PRELOAD_PYTHON_OBJECTS_H

#include <stdbool.h>

/* The trace is to have them: else calls are passed on. */
extern bool python_objects_wanted;

/*
 * Go before what is there now, if calls do not come to us already. With the
 * GIL, or before there is one.
 */
void python_objects_hook(void);

/*
 * The same while the interpreter starts, when no call can be made: settings
 * such as PYTHONMALLOC have it choose allocators after us. In the only thread.
 */
void python_objects_hook_early(void);

/* The interpreter has been unloaded, and with it what called us. */
void python_objects_forget(void);

#endif
