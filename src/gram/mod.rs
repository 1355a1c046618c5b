//! Gram matrices: of kernels at points, and of feature vectors.

mod block;
mod feature;
mod kernel;
mod memory;
mod mercer;
mod mirror;
mod operator;
mod panel;
mod rectangle;
mod tensor;

pub(crate) use block::{kernel_block, times_top, weighted_gradients};
pub use feature::{feature_gram, smaller_feature_gram};
pub use kernel::{kernel_gram, try_kernel_gram};
pub use mercer::mercer_gram;
pub use operator::KernelOperator;
pub(crate) use panel::CANCELLATION;
pub(crate) use rectangle::GramRectangles;
pub use tensor::tensor_gram;
