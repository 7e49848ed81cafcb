#pragma once
// SIGINT and SIGTERM ask for a clean stop; a second one leaves at once.

namespace eddyline {

/// Installs the handlers; the first signal sets a flag, the second ends the process. SIGPIPE is ignored.
void install_signal_handlers();
/// The signal that asked to stop, 0 when none did.
[[nodiscard]] int pending_signal();
/// Call where everything on disk is whole. @throws Interrupted when a signal is pending.
void stop_if_interrupted();

}  // namespace eddyline
