/*
 * python_gc - see python_gc.h.
 *
 * The list gc.callbacks belongs to the interpreter, and the built-in module gc
 * shows it. That module is not imported: a pending call may come while
 * importlib holds its own locks, which a thread can not take twice before 3.12;
 * the program may have an __import__ of its own; and what it finds in
 * sys.modules is to be as it was. So a module is made that nobody sees, and
 * let go.
 */
#include "preload/python_gc.h"
#include "preload/ending.h"
#include "preload/python.h"
#include "preload/python_api.h"
#include "preload/record.h"

#include <string.h>

bool python_gc_end_wanted;

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

/* With sections to run (3.11 and later), or as it is, or NULL. */
static void *make_module(void)
{
	const int api = 1013; /* PYTHON_API_VERSION */
	void *made = python_api.PyInit_gc();
	void *spec, *module = NULL;

	if (!made || ((void **)made)[1] != python_api.PyModuleDef_Type)
		return made;
	/* Of a spec nothing is asked but its name. */
	spec = python_api.PyModule_New("gc");
	if (!spec)
		return NULL;
	if (!python_api.PyModule_AddStringConstant(spec, "name", "gc"))
		module = python_api.PyModule_FromDefAndSpec2(made, spec, api);
	python_api.Py_DecRef(spec);
	if (module && python_api.PyModule_ExecDef(module, made) != 0) {
		python_api.Py_DecRef(module);
		module = NULL;
	}
	return module;
}

void python_gc_watch(void)
{
	void *gc = make_module();
	void *list =
		gc ? python_api.PyObject_GetAttrString(gc, "callbacks") : NULL;
	void *function =
		list ? python_api.PyCFunction_NewEx(&method, NULL, NULL) : NULL;

	if (function) {
		python_api.PyList_Append(list, function);
		python_api.Py_DecRef(function);
	}
	if (list)
		python_api.Py_DecRef(list);
	if (gc)
		python_api.Py_DecRef(gc);
	python_api.PyErr_Clear();
}

void python_gc_look_at_end(void)
{
	if (!python_api.is_finalizing())
		return;
	python_gc_end_wanted = false;
	ending_ahead();
}
