/// The demo's conductor: starts two sidecars and four workers as processes of their own, has
/// customers pay, kills one worker and one sidecar meanwhile, and then looks at the books. The line
/// of a run: `Demo` → `Stage` (processes) → `Customers` (calls) → `Books` (what really happened) →
/// `Report`.
@NullMarked
package dev.reseolio.examples.payments.demo;

import org.jspecify.annotations.NullMarked;
