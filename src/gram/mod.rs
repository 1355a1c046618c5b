//! Gram matrices: of kernels at points, and of feature vectors.

mod feature;
mod kernel;
mod mercer;
mod mirror;
mod tensor;

pub use feature::feature_gram;
pub(crate) use kernel::CANCELLATION;
pub use kernel::kernel_gram;
pub use mercer::mercer_gram;
pub use tensor::tensor_gram;
