/*
 * qualify - the class or function around a function of Python, from its source.
 *
 * Before 3.11 code objects have a name but not where it was defined:
 * "method", not "Class.method".
 */
#ifndef MEMPROF_ANALYZER_QUALIFY_H
#define MEMPROF_ANALYZER_QUALIFY_H

#include "analyzer/sources.h"
#include "trace/model.h"

/*
 * "Class.method", "outer.<locals>.inner", as Python itself would have it. NULL
 * when the source does not tell, or is not surely what was run; the caller
 * frees it. `file` is the code's, absolute.
 */
char *qualify(struct sources *s, const char *file, const struct model_code *c);

#endif
