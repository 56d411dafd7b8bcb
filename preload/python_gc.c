/*
 * python_gc - see python_gc.h.
 *
 * The module gc is built in but has to be imported; importlib's own locks can
 * not be taken twice by a thread before 3.12, so that must not be while it has
 * a frame on the stack. Nor is it done for a program that may end at once.
 */
#include "preload/python_gc.h"
#include "preload/ending.h"
#include "preload/python.h"
#include "preload/python_api.h"
#include "preload/record.h"

#include <errno.h>
#include <string.h>

enum {
	POLL_EVERY = 4096, /* objects */
};

bool python_gc_wanted;
bool python_gc_end_wanted;

static unsigned int polls;
static bool asked;

static uint64_t number_of(void *info, const char *name)
{
	void *number = python_api.PyDict_GetItemString(info, name);
	long value = number ? python_api.PyLong_AsLong(number) : 0;

	return value > 0 ? (uint64_t)value : 0;
}

enum {
	OBJECT_HEAD = 16, /* bytes in front of what the collector knows */
	DICT_KEYS = 32, /* offsets: in a dict, of what holds its items */
	TUPLE_FIRST = 24,
};

static uint64_t word_at(const void *object, size_t offset)
{
	uint64_t word;

	memcpy(&word, (const char *)object + offset, sizeof(word));
	return word;
}

/*
 * What the interpreter has made to call us with: it is freed while the
 * collector runs, and is no garbage. Blocks that are none do no harm.
 */
static void list_own(struct ring_gc *gc, void *args, void *info)
{
	size_t n = 0;
	long at = 0;
	void *key, *value;

	gc->own[n++] = (uintptr_t)args - OBJECT_HEAD;
	gc->own[n++] = (uintptr_t)info - OBJECT_HEAD;
	gc->own[n++] = word_at(info, DICT_KEYS);
	gc->own[n++] = word_at(args, TUPLE_FIRST);
	while (n + 2 <= RING_GC_OWN &&
	       python_api.PyDict_Next(info, &at, &key, &value)) {
		gc->own[n++] = (uintptr_t)key;
		gc->own[n++] = (uintptr_t)value;
	}
}

static void record_run(bool ended, void *args, void *info)
{
	const struct registers caller = CALLER_REGISTERS();
	struct ring_gc gc = {
		.ended = ended,
		.generation = (uint32_t)number_of(info, "generation"),
		.collected = number_of(info, "collected"),
		.uncollectable = number_of(info, "uncollectable"),
	};
	struct thread *t;

	if (!ended)
		list_own(&gc, args, info);
	t = record_enter(&caller);
	if (!t)
		return;
	record_payload(t, RING_NOTE, RING_NOTE_GC, &gc, sizeof(gc));
	record_leave();
}

/*
 * gc.callbacks: (phase, info). When the interpreter ends, the collector runs
 * before modules are taken down: what it frees then was not waited for by
 * anybody, and all that the program had is still there.
 */
static void *called(void *self, void *args)
{
	const char *phase;
	bool ended;
	void *info;

	(void)self;
	if (!python_api.PyArg_ParseTuple(args, "sO", &phase, &info))
		return NULL;
	ended = !strcmp(phase, "stop");
	if (!python_api.is_finalizing())
		record_run(ended, args, info);
	else if (!ended)
		ending_ahead();
	python_api.Py_IncRef(python_api._Py_NoneStruct);
	return python_api._Py_NoneStruct;
}

static struct python_method method = { .name = "memprof",
				       .function = called,
				       .flags = PYTHON_VARARGS };

static bool file_is_importlib(void *frame)
{
	void *code = python_api.PyObject_GetAttrString(frame, "f_code");
	void *file =
		code ? python_api.PyObject_GetAttrString(code, "co_filename")
		     : NULL;
	const char *text = file ? python_api.PyUnicode_AsUTF8(file) : NULL;
	bool is = !text || strstr(text, "importlib");

	if (file)
		python_api.Py_DecRef(file);
	if (code)
		python_api.Py_DecRef(code);
	return is;
}

static bool is_importing(void)
{
	void *frame = python_api.PyEval_GetFrame();
	bool importing = !frame;

	if (frame)
		python_api.Py_IncRef(frame);
	while (frame && !importing) {
		void *back = python_api.PyObject_GetAttrString(frame, "f_back");

		importing = file_is_importlib(frame);
		python_api.Py_DecRef(frame);
		frame = back;
		if (frame == python_api._Py_NoneStruct)
			break;
	}
	if (frame)
		python_api.Py_DecRef(frame);
	return importing;
}

static void append(void)
{
	void *gc = python_api.PyImport_ImportModule("gc");
	void *list =
		gc ? python_api.PyObject_GetAttrString(gc, "callbacks") : NULL;
	void *function = python_api.PyCFunction_NewEx(&method, NULL, NULL);

	if (list && function)
		python_api.PyList_Append(list, function);
	if (function)
		python_api.Py_DecRef(function);
	if (list)
		python_api.Py_DecRef(list);
	if (gc)
		python_api.Py_DecRef(gc);
}

static int pending(void *unused)
{
	void *type, *value, *trace;
	int saved_errno = errno;

	(void)unused;
	python_api.PyErr_Fetch(&type, &value, &trace);
	asked = false;
	if (python_gc_wanted && !python_api.is_finalizing() &&
	    !is_importing()) {
		python_gc_wanted = false;
		append();
	}
	python_api.PyErr_Clear();
	python_api.PyErr_Restore(type, value, trace);
	errno = saved_errno;
	return 0;
}

void python_gc_look_at_end(void)
{
	if (!python_api.is_finalizing())
		return;
	python_gc_end_wanted = false;
	ending_ahead();
}

void python_gc_poll(void)
{
	if (++polls % POLL_EVERY || asked)
		return;
	asked = true;
	if (!python_ask(pending))
		asked = false;
}
