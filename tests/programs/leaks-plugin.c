/* A library with room for a pointer: in its data, and in each thread. */
static char *data[8] = { (char *)1 };
static _Thread_local char *local[8];

char **plugin_data(void)
{
	return &data[5];
}

char **plugin_tls(void)
{
	return &local[5];
}
