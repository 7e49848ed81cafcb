#include "core/base/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void on_signal(int number) {
  if (received != 0) _exit(128 + (number == SIGHUP ? SIGTERM : number));
  received = number == SIGHUP ? SIGTERM : number;  // a closed terminal ends the run as SIGTERM does
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
  struct sigaction before {};
  if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  action.sa_handler = SIG_IGN;
  for (const int number : {SIGPIPE, SIGXFSZ}) sigaction(number, &action, nullptr);
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) != stream) _exit(static_cast<int>(ExitCode::io));
}

int pending_signal() { return received; }

void stop_if_interrupted() {
  if (received != 0) throw Interrupted(received);
}

}  // namespace eddyline
