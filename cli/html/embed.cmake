# embed - the files of the HTML report as a C source, in the order of the page.
#
# cmake -D OUTPUT=FILE -P embed.cmake, from any directory.

set(before begin.html style.css body.html)
set(behind middle.html names.js data.js values.js flame_tree.js flame.js
	timeline.js lines.js summary.js main.js end.html)

function(append_array name)
	set(bytes)
	foreach(file ${ARGN})
		file(READ "${CMAKE_CURRENT_LIST_DIR}/${file}" hex HEX)
		string(APPEND bytes "${hex}")
	endforeach()
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
	file(APPEND "${OUTPUT}"
		"const unsigned char html_${name}[] = {\n${bytes}\n};\n"
		"const size_t html_${name}_size = sizeof(html_${name});\n")
endfunction()

file(WRITE "${OUTPUT}" "#include \"cli/html.h\"\n")
append_array(before ${before})
append_array(behind ${behind})
