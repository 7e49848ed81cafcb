#include <cstdio>
int main() { return std::puts("eddyline") < 0; }
