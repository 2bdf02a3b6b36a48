// The linear systems of Gauss-Newton steps. Not for users: LevenbergMarquardt and EnergyNaturalGradient stand
// on it.
//
//   parameter form   (J^T J + lambda D) d = -J^T r                              P x P, for P <= N
//   kernel form      d = -D^-1 J^T (J D^-1 J^T + lambda I)^-1 r                 N x N, for N < P
//
// Both are the same d (Woodbury). J^T J is summed from blocks of rows, of which each is a symmetric update in
// tiles of 256 columns that are dealt to the threads. J is stored in the kernel form alone, or where it is
// asked for and small enough. Which form it is is decided when the rows are counted: blocks are kept until
// there are P rows, unless there were as many the last time.
//
// Cost: N P^2 + P^3 / 3 products, and 2 P^2 numbers (N P more where J is kept); N^2 P + N^3 / 3, and N P + 2
// N^2 in the kernel form.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/parallel.hpp>
#include <fredholm/train/descent.hpp>
#include <fredholm/train/flat.hpp>
#include <fredholm/train/least_squares.hpp>

namespace fredholm {

/// Whether a Gauss-Newton step solves for the parameters, or for the residuals where these are fewer.
enum class GaussNewtonForm { automatic, parameters, kernel };

namespace detail {

/// A template, so that it costs a file that does not use it nothing.
template <class Real = double>
class NormalEquations {
 public:
  using Vector = Eigen::VectorX<Real>;
  using Square = Eigen::MatrixX<Real>;

  NormalEquations() = default;
  /// A copy is empty: what is here is made anew at each step.
  NormalEquations(const NormalEquations&) noexcept {}
  NormalEquations(NormalEquations&&) noexcept = default;
  NormalEquations& operator=(const NormalEquations& other) noexcept {
    if (this != &other) *this = NormalEquations();
    return *this;
  }
  NormalEquations& operator=(NormalEquations&&) noexcept = default;
  ~NormalEquations() = default;

  /// The rows at a model; J is kept for solve_again if it has at most `keep` numbers. Throws for NaN and
  /// infinity; `who` begins the message.
  template <class Problem, class Model>
  void collect(const Problem& problem, Workspace& workspace, const Model& model, GaussNewtonForm form,
               const std::string& who, Index keep = 0) {
    const Index parameters = count_trained(model);
    most_kept_ = rows_ * parameters <= keep ? keep : 0;  // as many rows as the last time
    const auto take_all = [&] {
      begin(parameters, form);
      problem.residual_rows(workspace, model, [&](const ResidualRows& rows) {
        require(rows.parameters == parameters, who, ": the problem gives rows of ", rows.parameters,
                " numbers, and the model has ", parameters, " that are not frozen.");
        look_for_nan(rows, model, who);
        add(rows, workspace.team());
      });
    };
    take_all();
    if (form == GaussNewtonForm::automatic && !kernel_ && rows_ < parameters) {
      many_ = false;  // there were more rows the last time
      take_all();
    }
    many_ = !kernel_;
    require(rows_ > 0, who, ": the problem gives no residuals.");
  }

  /// Where a step begins: the rows, and what the result has of that place.
  template <class Problem, class Model>
  StepResult start(const Problem& problem, Workspace& workspace, const Model& model, Index parameters,
                   GaussNewtonForm form, const std::string& who, Index keep = 0) {
    require_count(model, parameters, who);
    collect(problem, workspace, model, form, who, keep);
    StepResult result;
    result.evaluations = 2;
    // Trials are compared with this one, of the same order and precision as theirs; that of the rows is not.
    result.value = problem.sum_of_squares(workspace, model);
    result.gradient_norm = 2 * gradient_.norm();
    return result;
  }

  Index rows() const { return rows_; }
  bool is_kernel() const { return kernel_; }
  bool rows_kept() const { return !kept_.empty(); }
  double sum_of_squares() const { return sum_; }
  const Vector& gradient() const { return gradient_; }  ///< J^T r
  const Vector& diagonal() const { return diagonal_; }  ///< of J^T J

  /// d for one lambda and D, or nothing where the matrix is not positive definite in this arithmetic.
  Vector solve(double lambda, const Vector& scale, Team& team) {
    return kernel_ ? solve_kernel(lambda, scale, team) : solve_parameters(lambda, scale);
  }

  /// The same for another vector in the place of r, by the factor of the last solve: change(first row, r, J
  /// d), block by block. Where the rows were not kept the problem is asked for them again.
  template <class Problem, class Model, class Change>
  Vector solve_again(const Problem& problem, Workspace& workspace, const Model& model, const Vector& d,
                     Change change) {
    Vector right = Vector::Zero(kernel_ ? rows_ : parameters_);
    Index begin = 0;
    const auto take = [&](const ResidualRows& rows) {
      require(rows.parameters == parameters_ && begin + rows.rows <= rows_,
              "residual_rows gives other rows than at the beginning of the step, and is to give the same.");
      const auto j = matrix(rows.jacobian, rows.rows, rows.parameters);
      const Eigen::Map<const Vector> r(rows.residual, rows.rows);
      const Vector changed = change(begin, r, Vector(j * d));
      if (kernel_)
        right.segment(begin, rows.rows) = changed;
      else
        right.noalias() -= j.transpose() * changed;
      begin += rows.rows;
    };
    if (kept_.empty()) {
      problem.residual_rows(workspace, model, take);
    } else {
      for (const Index count : blocks_)
        take({kept_.data() + begin * parameters_, residual_.data() + begin, count, parameters_});
    }
    require(begin == rows_, "residual_rows gives ", begin, " rows, and gave ", rows_,
            " at the beginning of the step.");
    if (!solve_factored(factor_, right)) return {};
    return kernel_ ? from_kernel(right, kernel_scale_) : right;
  }

 private:
  static constexpr Index tile = 256;
  /// Aligned, so that Eigen's loops begin at the same place in every run.
  using Numbers = std::vector<Real, Eigen::aligned_allocator<Real>>;

  void begin(Index parameters, GaussNewtonForm form) {
    parameters_ = parameters;
    form_ = form;
    kernel_ = form == GaussNewtonForm::kernel || (form == GaussNewtonForm::automatic && !many_);
    kernel_formed_ = false;
    if (rows_ * parameters <= most_kept_) kept_.reserve(static_cast<std::size_t>(rows_ * parameters));
    rows_ = 0;
    sum_ = 0;
    gradient_.setZero(parameters);
    diagonal_.setZero(parameters);
    kept_.clear();
    residual_.clear();
    blocks_.clear();
    if (!kernel_) gram_.setZero(parameters, parameters);
  }

  template <class Model>
  void look_for_nan(const ResidualRows& rows, const Model& model, const std::string& who) const {
    const Eigen::Map<const Vector> r(rows.residual, rows.rows);
    for (Index i = 0; i < rows.rows; ++i) {
      if (std::isfinite(r[i])) continue;
      throw std::runtime_error(who + ": residual " + std::to_string(rows_ + i) + " is " +
                               std::to_string(r[i]) +
                               " where the step begins; the model is as it was. Go back to a checkpoint.");
    }
    const auto j = matrix(rows.jacobian, rows.rows, rows.parameters);
    if ((flat(rows.jacobian, rows.rows * rows.parameters) * Real{0}).sum() == 0)
      return;  // one vectorised pass
    Vector sums = j.colwise().sum();
    throw std::runtime_error(who + ": the rows of the Jacobian have NaN or infinity in " +
                             paths_not_finite(model, sums) + "; the model is as it was.");
  }

  void add(const ResidualRows& rows, Team& team) {
    const Vector r = Eigen::Map<const Vector>(rows.residual, rows.rows);
    sum_ += r.squaredNorm();
    for (Index i = 0; i < rows.rows; ++i) {
      const Eigen::Map<const Vector> row(rows.jacobian + i * parameters_, parameters_);
      gradient_ += r[i] * row;
      diagonal_ += row.cwiseAbs2();
    }
    rows_ += rows.rows;
    if (!kernel_) update(rows.jacobian, rows.rows, team);
    if (!kernel_ && rows_ * parameters_ > most_kept_) forget_rows();
    if (!kernel_ && most_kept_ == 0) return;
    kept_.insert(kept_.end(), rows.jacobian, rows.jacobian + rows.rows * parameters_);
    residual_.insert(residual_.end(), rows.residual, rows.residual + rows.rows);
    blocks_.push_back(rows.rows);
    if (kernel_ && form_ == GaussNewtonForm::automatic && rows_ >= parameters_) change_form(team);
  }

  void forget_rows() {
    most_kept_ = 0;
    Numbers().swap(kept_);  // = {} would keep the memory
    Numbers().swap(residual_);
    blocks_.clear();
  }

  /// To the parameter form. Block by block, so that the sums are those of a run that had it from the
  /// beginning.
  void change_form(Team& team) {
    kernel_ = false;
    gram_.setZero(parameters_, parameters_);
    const double* from = kept_.data();
    for (const Index count : blocks_) {
      update(from, count, team);
      from += count * parameters_;
    }
    if (rows_ * parameters_ > most_kept_) forget_rows();
  }

  /// Calls f(i, j) for every tile on and above the diagonal of a matrix, on any thread.
  template <class F>
  static void for_each_tile(Index size, Team& team, F f) {
    const Index tiles = (size + tile - 1) / tile;
    const auto one = [&](Index t) {
      Index i = 0;
      for (; t >= tiles - i; ++i) t -= tiles - i;
      f(i * tile, (i + t) * tile);
    };
    team.run(tiles * (tiles + 1) / 2, one);
  }

  /// J^T J, the tiles on and above the diagonal, row-major: below it for Eigen's column-major Cholesky.
  void update(const double* jacobian, Index count, Team& team) {
    const Index n = parameters_;
    double* const gram = gram_.data();
    for_each_tile(n, team, [=](Index i, Index j) {
      linalg::multiply_tn<double>({jacobian + i, count, std::min(tile, n - i), n},
                                  {jacobian + j, count, std::min(tile, n - j), n},
                                  {gram + i * n + j, std::min(tile, n - i), std::min(tile, n - j), n}, true);
    });
  }

  /// In place: the factor stands below the diagonal.
  static bool factor(Square& a) {
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixX<Real>>> llt(a);
    return llt.info() == Eigen::Success;
  }

  static bool solve_factored(const Square& l, Vector& x) {
    l.template triangularView<Eigen::Lower>().solveInPlace(x);
    l.template triangularView<Eigen::Lower>().transpose().solveInPlace(x);
    return x.allFinite();
  }

  Vector solve_parameters(double lambda, const Vector& scale) {
    factor_ = gram_;
    factor_.diagonal() += lambda * scale;
    Vector d = -gradient_;
    if (!factor(factor_) || !solve_factored(factor_, d)) return {};
    return d;
  }

  Vector solve_kernel(double lambda, const Vector& scale, Team& team) {
    if (!kernel_formed_ || kernel_scale_ != scale) form_kernel(scale, team);
    factor_ = gram_;
    factor_.diagonal().array() += lambda;
    Vector x = Eigen::Map<const Vector>(residual_.data(), rows_);
    if (!factor(factor_) || !solve_factored(factor_, x)) return {};
    return from_kernel(x, scale);
  }

  /// -D^-1 J^T x
  Vector from_kernel(const Vector& x, const Vector& scale) const {
    Vector d = Vector::Zero(parameters_);
    for (Index i = 0; i < rows_; ++i)
      d -= x[i] * Eigen::Map<const Vector>(kept_.data() + i * parameters_, parameters_);
    return d.cwiseQuotient(scale);
  }

  void form_kernel(const Vector& scale, Team& team) {
    const Index n = rows_, depth = parameters_;
    gram_.setZero(n, n);
    kernel_scale_ = scale;
    kernel_formed_ = true;
    Numbers scaled;
    const double* left = kept_.data();
    if ((scale.array() != 1).any()) {
      scaled = kept_;
      for (Index i = 0; i < n; ++i) flat(scaled.data() + i * depth, depth) /= scale.array();
      left = scaled.data();
    }
    const double* const right = kept_.data();
    double* const gram = gram_.data();
    for_each_tile(n, team, [=](Index i, Index j) {
      linalg::multiply_nt<double>({left + i * depth, std::min(tile, n - i), depth, depth},
                                  {right + j * depth, std::min(tile, n - j), depth, depth},
                                  {gram + i * n + j, std::min(tile, n - i), std::min(tile, n - j), n});
    });
  }

  Index parameters_ = 0;
  Index rows_ = 0;
  GaussNewtonForm form_ = GaussNewtonForm::automatic;
  bool kernel_ = false;
  bool kernel_formed_ = false;
  Index most_kept_ = 0;  // numbers of J, in the parameter form
  bool many_ = false;    // rows, the last time: more than parameters
  double sum_ = 0;
  Vector gradient_, diagonal_;
  Numbers kept_, residual_;    // J and r, where they are kept
  std::vector<Index> blocks_;  // their rows
  Square gram_, factor_;       // J^T J, or J D^-1 J^T
  Vector kernel_scale_;
};

/// A workspace for each copy of an optimizer, made when it is asked for.
class OwnWorkspace {
 public:
  OwnWorkspace() = default;
  OwnWorkspace(const OwnWorkspace&) {}
  OwnWorkspace& operator=(const OwnWorkspace&) { return *this; }
  OwnWorkspace(OwnWorkspace&&) noexcept = default;
  OwnWorkspace& operator=(OwnWorkspace&&) noexcept = default;
  ~OwnWorkspace() = default;

  Workspace& get() {
    if (!workspace_) workspace_ = std::make_unique<Workspace>();
    return *workspace_;
  }

 private:
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace detail

}  // namespace fredholm
