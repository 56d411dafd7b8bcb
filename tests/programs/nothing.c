/* Ends before anybody can look at it. */
int main(void)
{
	return 0;
}
