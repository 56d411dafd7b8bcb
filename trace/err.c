/*
 * err - fill a struct err; see err.h.
 *
 * Text that does not fit is cut: a sentence that quotes a path of 4,096 bytes
 * still names the subject first.
 */
#include "trace/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	return -1;
}

int err_errno(struct err *err, const char *format, ...)
{
	char reason[128];
	const char *why = strerror_r(errno, reason, sizeof(reason));
	va_list ap;
	int used;

	va_start(ap, format);
	used = vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	if (used >= 0 && (size_t)used < sizeof(err->text))
		snprintf(err->text + used, sizeof(err->text) - (size_t)used,
			 ": %s", why);
	return -1;
}
