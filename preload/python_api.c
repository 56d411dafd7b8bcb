/*
 * python_api - see python_api.h.
 */
#include "preload/python_api.h"
#include "preload/python_symbols.h"

#include <stdint.h>
#include <string.h>

struct python_api python_api;

/* A member of struct python_api, and the names it goes by. */
struct entry {
	size_t offset;
	const char *name, *other;
	bool optional;
};

#define ENTRY(member)                                                          \
	{                                                                      \
		.offset = offsetof(struct python_api, member), .name = #member \
	}

static const struct entry entries[] = {
	ENTRY(Py_GetVersion),
	ENTRY(Py_IsInitialized),
	ENTRY(PyGILState_GetThisThreadState),
	{ .offset = offsetof(struct python_api, current_state),
	  .name = "PyThreadState_GetUnchecked",
	  .other = "_PyThreadState_UncheckedGet" },
	{ .offset = offsetof(struct python_api, is_finalizing),
	  .name = "Py_IsFinalizing",
	  .other = "_Py_IsFinalizing" },
	ENTRY(Py_AddPendingCall),
	ENTRY(PyMem_GetAllocator),
	ENTRY(PyMem_SetAllocator),
	ENTRY(PyErr_Fetch),
	ENTRY(PyErr_Restore),
	ENTRY(PyErr_Clear),
	ENTRY(PyErr_ExceptionMatches),
	ENTRY(Py_IncRef),
	ENTRY(Py_DecRef),
	ENTRY(PyDict_New),
	ENTRY(PyDict_Clear),
	ENTRY(PyDict_SetItemString),
	ENTRY(PyDict_GetItemString),
	ENTRY(PyDict_Next),
	ENTRY(PyEval_GetBuiltins),
	ENTRY(PyEval_EvalCode),
	ENTRY(PyEval_GetFrame),
	ENTRY(Py_CompileString),
	ENTRY(PyCFunction_NewEx),
	ENTRY(PyObject_GetAttrString),
	ENTRY(PyCode_Addr2Line),
	ENTRY(PyLong_AsLong),
	ENTRY(PyBytes_AsString),
	ENTRY(PyInit_gc),
	ENTRY(PyModule_New),
	ENTRY(PyModule_AddStringConstant),
	ENTRY(PyModule_FromDefAndSpec2),
	ENTRY(PyModule_ExecDef),
	ENTRY(PyList_Append),
	ENTRY(PyArg_ParseTuple),
	ENTRY(PyExc_MemoryError),
	ENTRY(PyExc_RecursionError),
	ENTRY(PyModuleDef_Type),
	ENTRY(PyCode_Type),
	ENTRY(PyUnicode_Type),
	ENTRY(PyBytes_Type),
	ENTRY(_Py_NoneStruct),
	ENTRY(_PyEval_EvalFrameDefault),
	ENTRY(_PyRuntime),
	{ .offset = offsetof(struct python_api, PyThreadState_EnterTracing),
	  .name = "PyThreadState_EnterTracing",
	  .optional = true },
	{ .offset = offsetof(struct python_api, PyThreadState_LeaveTracing),
	  .name = "PyThreadState_LeaveTracing",
	  .optional = true },
	{ .offset = offsetof(struct python_api, PyInterpreterState_Head),
	  .name = "PyInterpreterState_Head",
	  .optional = true },
	{ .offset = offsetof(struct python_api, PyInterpreterState_Next),
	  .name = "PyInterpreterState_Next",
	  .optional = true },
};

bool python_api_find(const struct link_map *map)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		const struct entry *e = &entries[i];
		void *found = python_symbols_find(map, e->name);

		if (!found && e->other)
			found = python_symbols_find(map, e->other);
		if (!found && !e->optional)
			return false;
		memcpy((char *)&python_api + e->offset, &found, sizeof(found));
	}
	return true;
}
