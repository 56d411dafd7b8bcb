/* A rank of an MPI program leaks 1000 bytes and 100 more for its number. */
#include <mpi.h>
#include <stdlib.h>

void *volatile kept;

__attribute__((noinline)) static void leak(size_t size)
{
	kept = malloc(size);
}

int main(int argc, char **argv)
{
	int rank;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	leak(1000 + 100 * (size_t)rank);
	MPI_Finalize();
	return 0;
}
