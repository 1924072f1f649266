// Starts every behaviour; each looks for its own elements and does nothing without them.

import "./copy.js";
import "./dialog.js";
import "./follow.js";
import "./live.js";
import "./quiet.js";
import "./select.js";
import "./sort.js";
import "./theme.js";
import "./time.js";
